"""How the picture looks: colours for light and dark paper, and one small drawing per kind of thing.

No CSS variables: renderers that make PNG or PDF of an SVG know none.
"""

from buckler.model.graph import NodeKind
from buckler.model.severity import Severity
from buckler.report.picture_measure import FONTS

STYLE = (
    f".b-all{{font-family:{FONTS}}}.b-all text{{unicode-bidi:isolate;white-space:pre}}"
    ".b-paper{fill:#fcfcfb}.b-band{fill:#f1f3f3}.b-rule{stroke:#dfe3e5}"
    ".b-ink{fill:#1c2329}.b-faint{fill:#56606a}.b-head{fill:#56606a;font-weight:bold}.b-strong{font-weight:bold}.b-loud{fill:#b42318}"
    ".b-box{fill:#fff;stroke:#b9c2c8}.b-own{fill:#eaf2f7;stroke:#2f5d7c;stroke-width:1.75}.b-hot{fill:#fff5f3;stroke:#b42318;stroke-width:1.75}"
    ".b-none{fill:none;stroke:#b9c2c8}.b-icon{fill:none;stroke:#3d4a54;stroke-width:1.3;stroke-linejoin:round;stroke-linecap:round}"
    ".b-hot-icon{stroke:#b42318}"
    ".b-line{fill:none;stroke:#8b98a1;stroke-width:1.3}.b-thin{fill:none;stroke:#c3cbd0;stroke-width:.9}.b-worst{fill:none;stroke:#c4281b;stroke-width:2.6}"
    ".b-tip{fill:#8b98a1}.b-worst-tip{fill:#c4281b}.b-mark{fill:#b42318}.b-digit{fill:#fff;font-weight:bold}"
    ".b-critical{fill:#8f1239}.b-high{fill:#b42318}.b-medium{fill:#8a5300}.b-low{fill:#3a5f7d}.b-ring{fill:none;stroke:#3a5f7d;stroke-width:1.6}"
    ".b-gap{fill:#5f4b8b}"
    "@media (prefers-color-scheme:dark){"
    ".b-paper{fill:#14181b}.b-band{fill:#1a1f23}.b-rule{stroke:#2e363b}"
    ".b-ink{fill:#e3e7e9}.b-faint{fill:#9aa5ac}.b-head{fill:#9aa5ac}.b-loud{fill:#ff8d80}"
    ".b-box{fill:#20262a;stroke:#47525a}.b-own{fill:#1b2a35;stroke:#8db8d6}.b-hot{fill:#33201e;stroke:#ff7b6c}"
    ".b-none{stroke:#47525a}.b-icon{stroke:#b4bec5}.b-hot-icon{stroke:#ff8d80}"
    ".b-line{stroke:#66737c}.b-thin{stroke:#3f4a52}.b-worst{stroke:#ff6f5f}.b-tip{fill:#66737c}.b-worst-tip{fill:#ff6f5f}.b-mark{fill:#ff8d80}.b-digit{fill:#1c1010}"
    ".b-critical{fill:#ff8fab}.b-high{fill:#ff8d80}.b-medium{fill:#f0b357}.b-low{fill:#94bddc}.b-ring{stroke:#94bddc}.b-gap{fill:#bca9ea}"
    "}"
)
"""The same for every picture, so that a page that holds one can allow it by its hash."""

ICONS: dict[NodeKind, str] = {
    "internet": "M8 1.5a6.5 6.5 0 100 13 6.5 6.5 0 000-13zM1.5 8h13M8 1.5c3.7 4 3.7 9 0 13M8 1.5c-3.7 4-3.7 9 0 13",
    "account": "M3 14.5v-12h10v12M1.5 14.5h13M6 5.5h1M9 5.5h1M6 8.5h1M9 8.5h1M6.8 14.5v-3h2.4v3",
    "service": "M8 5a3 3 0 100 6 3 3 0 000-6zM8 1.5v2M8 12.5v2M1.5 8h2M12.5 8h2"
    "M3.4 3.4l1.4 1.4M11.2 11.2l1.4 1.4M12.6 3.4l-1.4 1.4M4.8 11.2l-1.4 1.4",
    "role": "M1.5 3.5h13v9h-13zM5.8 5.7a1.4 1.4 0 100 2.8 1.4 1.4 0 000-2.8zM3.5 10.8c.3-1.7 4.3-1.7 4.6 0M10 7h2.5M10 9.5h2.5",
    "user": "M8 2a3 3 0 100 6 3 3 0 000-6zM2.5 14c.4-5.3 10.6-5.3 11 0",
    "function": "M4 2.5h2.2l5.1 11h1.7M7.6 6l-3.8 7.5",
    "layer": "M8 2l6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3",
    "secret": "M3.5 7.5h9v6.5h-9zM5.5 7.5v-2.5a2.5 2.5 0 015 0v2.5M8 10v1.8",
    "parameter": "M2 4.5h7M12 4.5h2M10.5 3v3M2 11.5h2M7 11.5h7M5.5 10v3",
    "key": "M5 5a3 3 0 100 6 3 3 0 000-6zM8 8h6.5v2.5M11.5 8v2",
    "bucket": "M2.5 4c0-2 11-2 11 0l-1.3 9c-.4 1.6-8 1.6-8.4 0zM2.5 4c0 2 11 2 11 0",
    "queue": "M1.5 4.5h13v7h-13zM4.8 4.5v7M8 4.5v7M11.2 4.5v7",
    "topic": "M2 6.5v3h2.5l6 3.5v-10l-6 3.5zM12.5 6a3 3 0 010 4",
    "table": "M2 2.5h12v11h-12zM2 6h12M2 9.7h12M6.5 6v7.5",
    "stream": "M1.5 5c2-2 4.3-2 6.5 0s4.5 2 6.5 0M1.5 8.5c2-2 4.3-2 6.5 0s4.5 2 6.5 0M1.5 12c2-2 4.3-2 6.5 0s4.5 2 6.5 0",
    "event-bus": "M1.5 8h13M4 8v-4.5M8 8v-4.5M12 8v-4.5M6 8v4.5M10 8v4.5",
    "repository": "M2 5l6-3 6 3v6.5l-6 3-6-3zM2 5l6 3 6-3M8 8v6.5",
    "administrator": "M2 12.5v-8l3.5 3 2.5-4.5 2.5 4.5 3.5-3v8z",
    "resource": "M3 3h10v10h-10zM6 6h4v4h-4z",
}
"""Strokes on 16 by 16."""

HARMS: dict[Severity, tuple[str, str]] = {
    Severity.CRITICAL: ("M0-6.5l6.5 6.5-6.5 6.5-6.5-6.5z", "b-critical"),
    Severity.HIGH: ("M0-5.5l6 10.5h-12z", "b-high"),
    Severity.MEDIUM: ("M-4.5 0a4.5 4.5 0 109 0a4.5 4.5 0 10-9 0z", "b-medium"),
    Severity.LOW: ("M-4.2 0a4.2 4.2 0 108.4 0a4.2 4.2 0 10-8.4 0z", "b-ring"),
}
"""The shapes of the HTML report (◆ ▲ ● ○), drawn around the origin, and their class: told by shape as well as by colour."""
