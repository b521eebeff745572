namespace Percept.Reports;

/// <summary>How pages and charts look, in light and in dark.</summary>
internal static class HtmlStyle
{
    /// <summary>Colours alone, for a chart that is a file of its own.</summary>
    internal const string Colours = """
        :root{--bg:#fff;--ink:#1d2229;--soft:#5b6570;--line:#d8dde3;--panel:#f5f7f9;
        --s0:#0b63b8;--s1:#c2410c;--s2:#1a7f4b;--s3:#8b3fb0;--s4:#a16207;--s5:#0e7c86;--s6:#be185d;--s7:#4b5563}
        @media (prefers-color-scheme:dark){:root{--bg:#14181d;--ink:#e4e8ec;--soft:#9aa5b1;--line:#343c46;--panel:#1c2229;
        --s0:#6cb2f5;--s1:#fb9a66;--s2:#5fd39a;--s3:#cf9bf0;--s4:#e6c04d;--s5:#5cd0da;--s6:#f58ab8;--s7:#b3bcc6}}

        """;

    /// <summary>What charts need besides the colours.</summary>
    internal const string Charts = """
        svg.chart{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;background:var(--bg)}
        svg.chart text{fill:var(--soft)} svg.chart text.title{fill:var(--ink);font-size:14px;font-weight:600}
        svg.chart text.value{fill:var(--ink)} svg.chart .grid{stroke:var(--line);stroke-width:1}
        svg.chart .axis{stroke:var(--soft);stroke-width:1} svg.chart .line{fill:none;stroke-width:2;stroke-linejoin:round}
        svg.chart .raw{fill:none;stroke-width:1;opacity:.35} svg.chart .dash{stroke-dasharray:6 4}
        svg.chart .whisker{stroke:var(--ink);stroke-width:1.5}

        """;

    /// <summary>The style of a page.</summary>
    internal const string Text = Colours + Charts + """
        *{box-sizing:border-box} body{margin:0;background:var(--bg);color:var(--ink);
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
        main{max-width:1000px;margin:0 auto;padding:24px 16px 64px} h1{font-size:26px;line-height:1.25;margin:0 0 16px}
        h2{font-size:20px;margin:36px 0 10px} h3{font-size:16px;margin:24px 0 8px} h4{font-size:15px;margin:16px 0 6px}
        p{margin:8px 0;white-space:pre-line;overflow-wrap:anywhere}
        pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:10px 12px;overflow:auto;
        font:13px/1.45 ui-monospace,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
        .wide{overflow-x:auto;margin:10px 0} table{border-collapse:collapse} caption{text-align:left;color:var(--soft);padding:4px 0}
        th,td{padding:5px 12px 5px 0;text-align:left;vertical-align:top;overflow-wrap:anywhere}
        thead th{border-bottom:1px solid var(--soft)} tbody td{border-bottom:1px solid var(--line)}
        th.n,td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        .facts th{font-weight:400;color:var(--soft);white-space:nowrap;padding-right:24px} .facts{margin:10px 0}
        figure{margin:14px 0;overflow-x:auto} figure svg{max-width:100%;height:auto}
        details{border:1px solid var(--line);border-radius:6px;margin:10px 0;padding:0 12px}
        summary{cursor:pointer;padding:8px 0;font-weight:600;overflow-wrap:anywhere} details[open]{padding-bottom:10px}
        .row{display:flex;gap:16px;padding:12px 0;border-bottom:1px solid var(--line);flex-wrap:wrap}
        .row .pics{display:flex;gap:8px;flex-wrap:wrap;align-content:flex-start}
        .row img{max-width:280px;max-height:240px;min-width:84px;border:1px solid var(--line);image-rendering:auto;object-fit:contain}
        .row img.small{image-rendering:pixelated}
        .row .text{flex:1 1 320px;min-width:0} .row .text h4{margin:0 0 6px} .row dl{margin:0;display:grid;
        grid-template-columns:max-content 1fr;gap:2px 14px} .row dt{color:var(--soft)} .row dd{margin:0;white-space:pre-line;
        overflow-wrap:anywhere}
        .progress{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:10px 12px;margin:10px 0}
        .progress .track{height:8px;background:var(--line);border-radius:4px;margin-top:8px;overflow:hidden}
        .progress .fill{height:8px;background:var(--s0)} .progress .side{color:var(--soft);float:right}
        @media print{details{break-inside:avoid}}

        """;
}
