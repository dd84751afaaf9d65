"""An article's address for every pattern of the registry: of the families, and of sources that have their own.

Paths as seen on the sites; ids and hashes are made up where only the shape was noted.
"""

from __future__ import annotations

HEX = "991827fd844d80bc21063f7701ff6aac"
UUID = "ed68f2d8-1c1f-4c43-9d0a-3f6f3f6f3f6f"

FAMILIES: dict[str, tuple[str, ...]] = {
    "aspnet": ("/NewsView.aspx?NewsID=41234",),
    "boda": ("/info/7200/1196100.htm",),
    "cbgc": ("/news/1181250",),
    "channels": (f"/articles/ch00005/202105/{UUID}.shtml",),
    "chinanews": (
        "/gn/2026/10-03/10490123.shtml",
        "/cjbd/2024-09-10/215587.html",
        "/news/2021/0712/21-4756.html",
    ),
    "epoint": (f"/001/001001/20260911/{UUID}.html",),
    "founder": ("/html/2025-06/20/content_1808_2313888.htm",),
    "gkmlpt": ("/xwzx/gsgg/tzgg/content/post_4309852.html",),
    "govcn": ("/yaowen/liebiao/202610/content_7082621.htm",),
    "ilist": ("/gk/fjbm/fzjj/fadingnarong/gqgg/1956445.htm", "/xwdt/dydt/1963704.htm"),
    "jcms": ("/art/2026/8/31/art_78504_11822684.html",),
    "jpaas": (f"/col/col1389535/art/2026/art_{HEX}.html", "/art/2026/8/31/art_1229116948_11822.html"),
    "listdata": (
        "/zgsrmzf/c00145/pc/content/content_2058746804822818816.html",
        "/jxsrlzyhshbzt/col85519/content/content_1234567890.html",
    ),
    "longxun": ("/public/6597391/13579.html", "/zxzx/gzdt/80764828.html"),
    "newssc": ("/system/20200116/002836359.html",),
    "people": ("/n2/2024/1029/c367650-41023922.html", "/GB/365401/c8210.html"),
    "powereasy": ("/zw/zcwjs/szfwj/content_843712",),
    "scol": ("/ggxw/202306/58914753.html",),
    "showlist": (f"/xinwen/show/{HEX}.html", "/xinwen/show/511f3181-a603-469c-b00c-dd2e2370f460.html"),
    "thecover": ("/news/2tVMZSXBnLr%2BqfmK3xyvEA==",),
    "trs": (
        "/xwzx/tzgg/202512/t20251202_512168.html",
        "/bmdt/rsyw/202504/t20250425_5629284.shtml",
        "/tgsgg_17341/20250424/t0035_1432075.html",
        "/xwdt/xwdtzyxw/t20061590.shtml",
    ),
    "ucap": (
        f"/rst/gsgg/2026/9/3/{HEX}.shtml",
        f"/xjrst/c112746/202609/{HEX}.shtml",
        f"/abazhou/c101955/202604/{HEX}.shtml",
        f"/gzzrmzf/c100044/202301/{HEX}.shtml",
        f"/njs/c134045/202606/{HEX}.shtml",
        "/hrss/c111741/c00_31870000.shtml",
    ),
    "xinhua": (f"/politics/20261003/{HEX}/c.html",),
}

# Families that go by what the source says, and have no pattern of their own.
WITHOUT_PATTERN = frozenset({"feed", "generic", "sitemap"})

SOURCES: dict[str, str] = {
    "chinajob": "/c/2026-09-01/412345.shtml",
    "gov-sc-bazhong": "/public/6597391/13579.html",
    "gov-sc-bzqzf": "/public/6597391/13579.html",
    "gov-sc-chuanshan": f"/gongkai/show/{HEX}.html",
    "gov-sc-dachuan": "/xxgk-show-268687.html",
    "gov-sc-daying": f"/gongkai/show/{HEX}.html",
    "gov-sc-dazhou": "/news-show-268687.html",
    "gov-sc-kaijiang": "/xxgk-show-268687.html",
    "gov-sc-leshan": f"/lsswszf/bmdt/92337825/{HEX}.html",
    "gov-sc-panzhihua": "/zwgk/rsxx/rskl/1893885.shtml",
    "gov-sc-pengxi": f"/gongkai/show/{HEX}.html",
    "gov-sc-quxian": "/xxgk-show-268687.html",
    "gov-sc-scanju": f"/gongkai/show/{HEX}.html",
    "gov-sc-scey": "/public/6599971/13579.html",
    "gov-sc-scnj": "/public/6598671/13579.html",
    "gov-sc-scpc": "/public/6601841/13579.html",
    "gov-sc-screnhe": "/zwgk/jbxxgk/zcfg/gfxwj/4242424.shtml",
    "gov-sc-scyanbian": "/zwgk/fggw/xzfwj/4242424.shtml",
    "gov-sc-shehong": f"/gongkai/show/{HEX}.html",
    "gov-sc-tchuan": "/xxgk-show-268687.html",
    "gov-sc-tjxzf": "/public/6601171/13579.html",
    "gov-sc-wanyuan": "/xxgk-show-268687.html",
    "gov-sichuan": f"/10462/10464/10797/2025/6/16/{HEX}.shtml",
    "hrss-anhui": "/zxzx/gzdt/80764828.html",
    "hrss-gansu-exams": f"/ncms/article_{HEX}.shtml",
    "hrss-hainan": f"/hrss/zwdt/202502/{HEX}.shtml?ddtab=true",
    "hrss-henan": "/2026/09-02/3410506.html",
    "hrss-jinan": "/col18578/art/2025/art_18578_4814322.html",
    "hrss-liaoning": "/rst/zxzx/gsgg/2026090212345678/index.shtml",
    "hrss-yunnan": "/NewsView.aspx?NewsID=41234",
    "news-cbgc": "/news/1181250",
    "news-cbg": "/show/6573-1609472.html",
    "news-cbg-dianjiang": "/show/6573-1609472.html",
    "news-clssn": "/2026/09/01/424242.html",
    "news-cqcb": "/shuju/2026-09-01/4242424_pc.html",
    "news-cqrb": "/cqrb/2025-11/15/006/content_rb_353117.htm",
    "news-jinrixinan": "/archives/46752.html",
    "news-kbcmw": "/html/xw/dzyw/58120.html",
    "news-lmtrm": "/2026/0901/42424.html",
    "news-newssc": "/system/20200116/002836359.html",
    "news-people-paper": "/rmrb/pc/content/202609/01/content_30099999.html",
    "news-sc-china": "/2020/zhengwu_0424/361234.html",
    "news-scdaily": "/shtml/scrb/20200422/235471.shtml",
    "news-yhrmt": "/html/2025-06/20/content_1808_2313888.htm",
    "qhpta": f"/ncms/article_{HEX}.shtml",
    "rsj-cq-yuzhong": "/bm_229/qrlsbj/zwxx_97154/dt/202604/t20260429_15600000.html",
    "rsj-sc-dazhou": "/news-show-268687.html",
    "rsj-xz-lasa": f"/rsj/xxyw/202609/{HEX}.shtml",
    "scpta": "/front/News/info/0a5c2590651844b7a2eaf3ee6e9f23e8",
}
