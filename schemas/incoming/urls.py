"""URLs as an identity: one page has one form, whichever channel the link came through."""

import re
from posixpath import normpath
from typing import Final
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

_TRACKING: Final = re.compile(
    r"(?:utm_|at_|mc_|_hs|hss?_|guce|guc|pk_|mtm_|matomo_|hsa_|oly_|wt[._]|wtmc|li_fat|sc_cid|int_|__"
    r"|spmailing|spjob|spuser|spreport|vero_|trk|yptr|linkid|_g[al]|taboola|ob_|fb_|ga_).*"
    r"|(?:gcl|fbcl|mscl|mscclk|dcl|ycl|twcl|ttcl|igsh|gbra|wbra)i?d?|msclkid|gclsrc|igshid|ref_src"
    r"|ref_url|referrer|referer|smid|smtyp|seid|cmp|cmpid|ncid|ocid|xtor|feedtype|feedname|rpc|rss"
    r"|fromrss|\.tsrc|mkt_tok|spm|spref|ito|itid|oc|partnerid|sr_share|soc_src|soc_trk|amp"
    r"|outputtype|siteid|s_cid|traffic_source|ftag|taid|sref|srnd|intcmp|icid|sharetype"
    r"|shareid|share_id|from_rss|medium|campaign",
    re.IGNORECASE,
)
"""Query parameters that say where a reader came from."""
_CHANNEL: Final = frozenset(
    {"ref", "source", "src", "via", "mod", "partner", "cid", "output", "feature", "share", "sh",
     "from", "origin", "tag", "s"}
)  # fmt: skip
"""Parameters that do so where their value is a word; a number may be that of an article."""
_CODES_OF_TWITTER: Final = 2
"""Digits of ``s=20``."""
_DOUBLE_SLASH: Final = re.compile("/{2,}")
_PORTS: Final = {"http": 80, "https": 443}
_PLAIN_PATH: Final = re.compile(
    r"https?://(?!www\.)[a-z0-9.-]*[a-z0-9](?:/[\w-](?:[\w.-]*[\w-])?)+", re.ASCII
)


def page_of(url: str) -> str:
    """Return the form of ``url`` that all links to its page share; empty if it is no page's.

    Scheme, case of the host, ``www.``, default port, fragment, tracking parameters and the order
    of the others make no difference. The home page of a host stands for no article.

    >>> page_of("http://WWW.Example.org:80/a/?utm_source=rss&b=2&a=1#top")
    'example.org/a?a=1&b=2'
    >>> page_of("https://example.org/"), page_of("#")
    ('', '')
    """
    if _PLAIN_PATH.fullmatch(url):
        return url.partition("://")[2]
    url = url.replace("&amp;", "&")
    if url.startswith("//"):
        url = f"https:{url}"
    try:
        parts = urlsplit(url if "://" in url[:12] or not _is_bare(url) else f"https://{url}")
        scheme, host, port = parts.scheme, (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ""
    if scheme not in _PORTS or not host:
        return ""
    place = host.removeprefix("www.")
    if port not in {None, *_PORTS.values()}:
        place += f":{port}"
    parameters = sorted(
        pair
        for pair in parse_qsl(parts.query, keep_blank_values=True, max_num_fields=None)
        if not is_tracking(*pair)
    )
    path = _DOUBLE_SLASH.sub("/", unquote(parts.path))
    if "/." in path:
        path = normpath(path)
    path = path.rstrip("/").removesuffix("/index.html")
    # A fragment that begins so is the path of a page that a script shows.
    fragment = f"#{parts.fragment}" if parts.fragment.startswith(("!", "/")) else ""
    if not path and not parameters and not fragment:
        return ""
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"{place}{path}{query}{fragment}"


def is_tracking(name: str, value: str) -> bool:
    """Return whether a parameter says where a reader came from, and not which page it is."""
    if _TRACKING.fullmatch(name):
        return True
    is_number = value.isdigit() and not (name == "s" and len(value) == _CODES_OF_TWITTER)
    return name.lower() in _CHANNEL and not is_number


def is_link(text: str) -> bool:
    """Return whether a text may be a link at all, and is no number or flag.

    >>> is_link("w.example/a"), is_link("0"), is_link("False")
    (True, False, False)
    """
    return any(map(str.isalpha, text)) and text.lower() not in {"true", "false"}


def host_of(url: str) -> str:
    """Return the host of ``url``, in lower case; empty if it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_bare(url: str) -> bool:
    host, slash, _ = url.partition("/")
    return bool(slash) and "." in host and ":" not in host and not host.startswith(".")
