"""URLs as an identity: one page has one form, whichever channel the link came through."""

import re
from typing import Final
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

_TRACKING: Final = re.compile(
    r"(?:utm_|at_|mc_|_hs|guce|guc|pk_|mtm_|matomo_|hsa_|oly_|wt\.).*|(?:gcl|fbcl|mscl|dcl|ycl|twcl"
    r"|ttcl|igsh|gbra|wbra)i?d?|gclsrc|igshid|ref|ref_src|ref_url|referrer|source|src|smid|smtyp"
    r"|cmp|cmpid|ncid|ocid|xtor|feedtype|feedname|rpc|rss|\.tsrc|mkt_tok|vero_id|spm|spref|ito|oc"
    r"|partner|partnerid|sr_share|soc_src|soc_trk|amp|outputtype|mod|siteid|s_cid|_ga|traffic_source"
    r"|gbraid|wbraid",
    re.IGNORECASE,
)
"""Query parameters that say where a reader came from."""
_PORTS: Final = {"http": 80, "https": 443}
_PLAIN_PATH: Final = re.compile(r"https?://(?!www\.)[a-z0-9.-]*[a-z0-9]/[\w./-]*[\w-]", re.ASCII)


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
        if not _TRACKING.fullmatch(pair[0])
    )
    path = unquote(parts.path).rstrip("/").removesuffix("/index.html")
    # A fragment that begins so is the path of a page that a script shows.
    fragment = f"#{parts.fragment}" if parts.fragment.startswith(("!", "/")) else ""
    if not path and not parameters and not fragment:
        return ""
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"{place}{path}{query}{fragment}"


def host_of(url: str) -> str:
    """Return the host of ``url``, in lower case; empty if it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_bare(url: str) -> bool:
    host, slash, _ = url.partition("/")
    return bool(slash) and "." in host and ":" not in host and not host.startswith(".")
