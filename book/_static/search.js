/* What the search page adds to Sphinx's searchtools.js: it reads formulas once, and the index only when asked. */
"use strict";

const SPHINX_HIGHLIGHT_ENABLED = false; // searchtools.js asks; no page marks the words that were looked for

(function () {
  const query = new URLSearchParams(location.search).get("q");
  if (!query) return;
  // A page opened from the file system may not read its neighbours, so their lines are not shown.
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    page.querySelectorAll(".headerlink, script, style, annotation, .katex-html").forEach((part) => part.remove());
    return (page.querySelector(anchor ? `main ${anchor}` : "article") || page.querySelector("article")).textContent;
  };
  Search.loadIndex(document.documentElement.dataset.content_root + "searchindex.js");
})();
