# ruff: noqa: E501  # a page reads better in one line
"""Pages sent with 200 that are no articles, and short true articles that look a little like them; all synthetic."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.errors import RefusedError
from crawler.extract.article import extract_article
from crawler.extract.refusal import refusal_of
from crawler.model import Page, Reason

NAV = "<div class='nav'><a href='/'>首页</a><a href='/zwgk'>政务公开</a><a href='/zcwj'>政策文件</a><a href='/hdjl'>互动交流</a></div>"
FOOT = "<div class='foot'>主办：某市人民政府办公室 版权所有 网站标识码：5100000000 某ICP备05000001号</div>"
SCRIPT = "<script>" + "var a=1;function f(){return a}" * 40 + "</script>"
ROWS = "".join(
    f"<li><a href='/t/{n}.html'>某市召开第{n}次就业工作推进会议</a><span>2024-03-{n:02}</span></li>"
    for n in range(1, 16)
)


def page(html: str) -> Page:
    return Page(
        url="https://hrss.example/a/1.html",
        status=200,
        headers={"content-type": "text/html; charset=utf-8"},
        body=html.encode(),
        fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
    )


def outcome(html: str) -> Reason | None:
    """Why the page is refused, by its first look or by its reading; None for an article."""
    asked = page(html)
    found = refusal_of(asked, expects="article")
    if found is not None:
        return found[0]
    try:
        extract_article(asked)
    except RefusedError as error:
        return error.reason
    return None


CHALLENGES = [
    "<script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=1;</script><script src='/x.js'></script>",
    "<html><head><meta charset='utf-8'><script>window.$_ts={};$_ts['cd']='q';</script></head><body></body></html>",
    "<script>document.cookie=('_')+('_')+('jsl_clearance_s')+('=')+(1)+'|0';location.href=location.pathname</script>",
    "<script>document.cookie='__jsl_clearance_s=1;max-age=3600';location.reload()</script>",
    "<script>var x={WTKkN:1,bOYDu:2,wyeCN:3};document.cookie='__tst_status='+x.WTKkN+'#';</script>",
    "<script>var arg1='0123456789ABCDEF0123456789ABCDEF01234567';</script>" + SCRIPT,
    "<title>Just a moment...</title><div id='cf-browser-verification'>请稍候</div><script src='/cdn-cgi/challenge-platform/x.js'></script>",
    "<title>安全验证</title><div>请完成安全验证后继续访问</div>" + SCRIPT,
    "<h1>请求被拦截</h1><p>您的访问请求存在风险，已被网站防火墙拦截。</p><p>事件编号：abc123</p>",
    "<title>访问被拦截</title><p>您的访问被拦截，如有疑问请联系网站管理员。</p>",
    "<title>创宇盾</title><p>当前访问疑似黑客攻击，已被创宇盾拦截。</p><p>您的IP：1.2.3.4</p>",
    "<title>405</title><p>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。</p>",
    "<title>WAF</title><p>您的请求带有不合法参数，已被网站管理员设置拦截！</p>",
    "<p>您的访问过于频繁，请稍后再试。</p>",
    "<title>滑动验证页面</title><div id='nc'>请按住滑块，拖动到最右边</div>" + SCRIPT,
    "<p>您的IP地址已被禁止访问本网站</p>",
    "<title>人机验证</title><p>点击按钮进行验证</p>",
    "<p>请开启JavaScript并刷新该页.</p>" + SCRIPT,
]

SOFT_ERRORS = [
    "<title>404</title><h1>404 Not Found</h1><hr>nginx",
    "<title>错误提示</title><p>对不起，您访问的页面不存在或已被删除！</p><a href='/'>返回首页</a>",
    "<title>页面不存在</title>" + NAV + "<p>您访问的页面不存在</p>" + FOOT,
    "<title>某市人民政府</title>" + NAV + "<p>抱歉，您要访问的内容已删除或不存在。</p><p>5秒后自动返回首页</p>" + FOOT,
    "<p>该信息不存在或已被删除</p>",
    "<p>该文章已下线</p>",
    "<p>文章已被作者删除</p>",
    "<p>您查看的信息未发布或已撤销</p>",
    "<title>提示信息</title><p>参数错误</p>",
    "<p>系统正在维护升级，给您带来不便敬请谅解。</p>",
    "<title>网站维护中</title><h1>网站维护中</h1><p>因系统升级，本网站暂停服务，请稍后访问。</p>",
    "<p>网站正在建设中</p>",
    "<p>本网站暂时关闭，请您稍后再访问。</p>",
    "<title>502 Bad Gateway</title><center>nginx</center>",
    "<p>系统繁忙，请稍后再试</p>",
    "<p>服务器内部错误</p>",
    "<title>HTTP Status 404 – Not Found</title><p>The origin server did not find a current representation.</p>",
    "<p>请求的资源不可用</p>",
    "<p>没有找到相关内容</p>",
    "<p>页面找不到了，可能输入的网址不正确。</p>",
    "<p>该栏目已停止更新，内容已迁移</p>",
]

LOGINS = [
    "<title>登录</title><form><input name='u'><input type='password'><button>登录</button></form>",
    "<p>请先登录后查看</p><form><input type='password'></form>",
    "<p>您没有权限访问该页面</p>",
    "<title>统一身份认证平台</title><p>用户登录</p><form><input type='password'></form>",
    "<p>本文仅限会员阅读，请登录</p>",
    "<p>请在微信客户端打开链接</p>",
]

SHELLS = [
    "<title>某市人社局</title><div id='app'></div><script src='/static/js/app.js'></script>",
    "<div id=root></div><script src=/m.js></script><noscript>You need to enable JavaScript to run this app.</noscript>",
    "<div id='app'><div class='loading'>加载中...</div></div><script src='/a.js'></script>",
    "<meta http-equiv='refresh' content='0;url=/index.html'>",
    "<html><body></body></html>",
    "<html><head><title>某市人社局</title></head><body><script>location.href='/index.html'</script></body></html>",
    "<div id='__next'></div><script>self.__next_f=[]</script>",
]

LISTS = [
    "<title>工作动态_某市人社局</title><h1>工作动态</h1>" + NAV + f"<ul>{ROWS}</ul>" + FOOT,
    "<title>通知公告</title>" + NAV + f"<table>{ROWS.replace('li', 'td')}</table>" + FOOT,
    "<title>某市人社局</title>" + NAV + f"<div>{ROWS}</div><div>{ROWS}</div><p>共20页 下一页 尾页</p>" + FOOT,
]


@pytest.mark.parametrize("html", CHALLENGES)
def test_challenge(html: str) -> None:
    assert outcome(html) is Reason.BLOCKED


@pytest.mark.parametrize("html", SOFT_ERRORS)
def test_soft_error(html: str) -> None:
    assert outcome(html) is Reason.SOFT_ERROR


@pytest.mark.parametrize("html", LOGINS)
def test_login_wall(html: str) -> None:
    assert outcome(html) is Reason.LOGIN_WALL


@pytest.mark.parametrize("html", SHELLS)
def test_shell(html: str) -> None:
    assert outcome(html) in (Reason.NO_BODY, Reason.NO_TITLE)


@pytest.mark.parametrize("html", LISTS)
def test_list(html: str) -> None:
    assert outcome(html) is Reason.LIST_PAGE


def article(title: str, inner: str) -> str:
    return f"<html><head><title>{title}_某市人社局</title></head><body>{NAV}<h1>{title}</h1><p>发布时间：2024-03-05 来源：某市人社局</p><div class='con'>{inner}</div>{FOOT}</body></html>"


ARTICLES = [
    article("某市招聘公告", "<p>现将2024年公开招聘岗位表予以公布，请报考人员认真阅读并按要求报名。</p><p><a href='/f/1.xlsx'>附件：岗位表.xlsx</a></p>"),
    article("关于延长报名时间的通知", "<p>经研究，本次报名时间延长至3月20日17时。特此通知。</p><p>某市人社局</p><p>2024年3月5日</p>"),
    article("图说：春风行动进园区", "<p><img src='/1.jpg'></p><p>3月5日，求职者在招聘会现场咨询。张三 摄</p>"),
    article("视频：走进劳务协作基地", "<video src='/1.mp4'></video><p>记者走进两地共建的劳务协作基地，看看务工人员如何在家门口就业。</p>"),
    article("某市人社局关于系统升级的公告", "<p>因系统升级，3月9日8时至3月10日8时暂停办理社会保险业务，请广大参保单位和群众提前安排好业务办理时间。</p>"),
    article("关于网站维护的公告", "<p>我局网站将于3月9日22时起进行系统维护，预计次日6时恢复，期间网上办事大厅暂停服务，敬请谅解。</p>"),
    article("社保服务平台登录方式调整", "<p>自3月10日起，参保人须先登录国家社会保险公共服务平台，再办理关系转移接续，原入口停止使用。</p>"),
    article("某市清理失效链接", "<p>针对群众反映的页面不存在问题，市政务办近日组织专人逐条核查并完成整改。</p>"),
    article("我市开展人机验证试点", "<p>为防止恶意抢号，就业服务平台自3月起启用人机验证，求职者办理业务更加安全便捷。</p>"),
    article("两地人社局签约", "<p>3月5日，甲市与乙市人社局签署人力资源合作协议。</p>"),
    article("成交公告", "<table><tr><td>项目</td><td>人才公寓维修</td></tr><tr><td>金额</td><td>12万元</td></tr><tr><td>成交人</td><td>某建筑公司</td></tr></table>"),
    article("领导活动", "<p>市长张三到市人力资源市场调研。</p>" + "<div class='xg'><h3>相关阅读</h3><ul>" + ROWS + "</ul></div>"),
    article("404岗位等你来", "<p>本周招聘会提供404个岗位，欢迎求职者到市人力资源市场现场洽谈。</p>"),
]  # fmt: skip


@pytest.mark.parametrize("html", ARTICLES)
def test_short_article(html: str) -> None:
    assert outcome(html) is None
