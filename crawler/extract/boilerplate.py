"""Lines that stand around an article on Chinese pages and are no part of it. Patterns only."""

from __future__ import annotations

import re

# a line that is furniture as a whole: `【字体：大 中 小】`, `打印本页`, `扫一扫…`, `上一篇：…`, `1 2 下一页`
FURNITURE = re.compile(
    r"""^[\s【\[（(|｜>》•·\-—*]*(?:
      字体|字号|文字大小|正文字号|大\s*中\s*小$|\[?\s*大\s*\]?\s*\[?\s*中|打\s*印|我要打印|收\s*藏|加入收藏|关\s*闭|关闭窗口|关闭本页|我要纠错|纠错
      |分享|转发(?:到|至|：|:|$)|一键分享|微信扫一扫|扫一扫|扫码|用手机|手机(?:扫|打开|看|浏览)|微信$|微博$|QQ空间|复制链接
      |上\s*一\s*[篇条页章]|下\s*一\s*[篇条页章]|上篇|下篇|前一篇|后一篇
      |责任编辑|责编|编辑[:：]|\[?\(?编辑|校对[:：]|审核[:：]|监制[:：]|值班主任|值班编辑|初审[:：]|复审[:：]|终审[:：]|网络编辑|本文编辑|编审[:：]
      |(?:您|你)?(?:所在的?|当前的?|现在的?)位置|当前位置|位置[:：]
      |浏览(?:次数|量|数)?[:：\s]|阅读(?:次数|量|数)?[:：\s]|访问(?:次数|量)[:：\s]|点击(?:次数|量|数|率)?[:：\s]|人气[:：]
      |相关(?:阅读|新闻|链接|文章|报道|文档|附件$|专题|推荐|稿件|资讯)|延伸阅读|推荐阅读|热点(?:新闻|推荐|排行)|热门(?:新闻|推荐|文章)|猜你喜欢|精彩推荐|更多>*$|更多\s*[>»]
      |我要评论|发表评论|网友评论|查看评论|评论\s*[(（:：]|跟帖|我来说两句|最新评论|登录后|注册$|登录$|登陆$
      |返回(?:顶部|首页|列表|上页|上一页)|回到顶部|首\s*页$|设为首页|网站地图|联系我们|关于我们|帮助中心|隐私(?:政策|声明)|免责声明|法律声明|版权声明|网站声明
      |主办(?:单位)?[:：]|承办(?:单位)?[:：]|技术支持|版权所有|版权归|copyright|©|备案|[\u4e00-\u9fff]?ICP[备证]|[\u4e00-\u9fff]公网安备|政府网站标识码|网站标识码|网站支持IPv6
      |未经(?:授权|许可|本?[站网报])|声明[:：]|本(?:网|站)(?:站)?(?:声明|所有|凡)|凡(?:本网|注明|来源|转载)|转载请
      |订阅|关注(?:我们|公众号|微信)|长按|点击(?:查看|下载|进入|阅读原文|图片)|阅读原文|下载(?:客户端|APP)|打开(?:APP|客户端)
      |(?:\d{1,3}[\s\[\]【】|]{1,4}){1,20}(?:[.…]+\s*\d{0,3}\s*)?(?:下一?页|后一?页|尾页|末页)|(?:\d{1,3}\s*[\]】]\s*[\[【]?\s*){2,20}$
      |第\s*\d{1,3}\s*页\s*[/／,，]?\s*共|共\s*\d{1,3}\s*页(?:$|[\s，,/／]*(?:第|首|上|下|\d))
      |\[?\s*(?:我要)?(?:推荐|举报|投诉|挑错|报错|纠错)\s*\]?$|\[?查看全文\]?|展开全文|收起$
      |\+\s*1$|(?:THE\s*)?END[\s-]*$|图片(?:均)?来(?:自|源于)网络|关注$|图集$|点赞$|赞\s*\d*\s*(?:赏|踩|$)|A\s*[+-]\s*$|自动播放|正在加载|转播到|标签\s*[:：]\s*$|附件信息\s*[:：]\s*$
    )""",
    re.X | re.I,
)
# where an article is over: the editor's name, or what is offered besides. `延伸 · 推荐`, `【责任编辑：王某】`
END = re.compile(
    r"""^[\s【\[（(|｜>》•·■▍\-—*]*(?:
      (?:责任编辑|责编|本文编辑|网络编辑|值班编辑)\s*[:：\s]
      |本文来源\s*[:：]
      |(?:相关|延伸|推荐|热门|热点|精彩|拓展|编辑)\s*[·•]?\s*(?:阅读|新闻|链接|文章|报道|推荐|点阅|內容|内容|稿件|资讯|专题)\s*[】\]:：>»]*$
      |(?:为你|为您|重点|猜你)(?:推荐|喜欢)\s*[:：>»]*$|热门点阅|作者最新文章|往期(?:回顾|精选|推荐)\s*[:：]?$|阅读下一篇
      |我要(?:跟帖|评论)|发表评论|网友评论|最新评论|热门?评论$|全部评论|写评论|文明上网
      |(?:特别|版权|免责|平台|郑重|网站|法律)(?:与免责)?声明\s*(?:[:：】]|$)|版权与免责声明
      |(?:上|下)\s*一\s*[篇条则]\s*[:：】\]]
    )""",
    re.X,
)
_CLOSED = re.compile("责任编辑|责编|编辑\\s*[:：]|本文来源|声明|跟帖|评论")
# longer lines that begin like furniture are sentences: 分享经济…, 备案工作…
FURNITURE_LENGTH = 80
# legal and footer lines are furniture at any length: `版权所有：… 网站标识码：5100000062 蜀ICP备…`
FOOTER = re.compile(
    r"版权所有|copyright\s*(?:©|\(c\)|&copy;|\d{4})|[京津沪渝蒙新藏宁桂港澳黑吉辽晋冀青鲁豫苏皖浙闽赣湘鄂琼甘陕川贵云滇粤蜀黔]\s*ICP[备证]|公网安备|网站标识码|增值电信业务|互联网新闻信息服务许可|违法和不良信息举报",
    re.I,
)
# one of these stands in every match of FOOTER, lower case: looked for first, at a tenth of the pattern's cost
_FOOTER_SIGN = re.compile("icp|版权所有|copyright|公网安备|网站标识码|增值电信|信息服务许可|不良信息举报")
# class and id of boxes beside the article: matched against whole words split at - and _
ASIDE_HINT = re.compile(
    r"(?:^|[\s_-])(?:comments?|reply|replies|discuss|footer|foot|copyright|nav|navbar|menu|sidebar|aside|breadcrumbs?|crumbs?"
    r"|related|relate|recommend|hotnews|rank|share|bdshare\w*|bshare\w*|tags?|toolbar|pagination|pager|advert|ads?|banner|login|search|topbar|header|xgyd|xgwz|fenxiang)(?:$|[\s_\d-])"
)
# a box whose hint also says one of these is not set aside: `article-header content`
ARTICLE_HINT = re.compile(r"article|content|detail|zoom|editor|正文|main|text|news")


# at the end of a line: `本文来源：新京报 责任编辑：王某_NB123`
_EDITOR = re.compile(r"(?:责任编辑|责编)\s*[:：]")


def is_closed(text: str) -> bool:
    """True for the editor's name, disclaimers and comments: of the ends, those that head no part of an article."""
    return _CLOSED.search(text) is not None


def is_end(text: str) -> bool:
    """True for a line below which no article goes on, however much the page holds there."""
    return len(text) <= FURNITURE_LENGTH and END.match(text) is not None


def is_furniture(text: str) -> bool:
    """True for a line that stands around articles and belongs to none."""
    if len(text) <= FURNITURE_LENGTH and FURNITURE.match(text) is not None:
        return True
    if len(text) <= 60 and "责" in text and "。" not in text and _EDITOR.search(text) is not None:
        return True
    return len(text) <= 400 and _FOOTER_SIGN.search(text.lower()) is not None and FOOTER.search(text) is not None
