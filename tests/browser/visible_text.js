// Asks the browser what it shows of each page: `innerText`, without what computed style makes invisible in other ways
// than `display` and `visibility`, which innerText respects already.

const isClipped = (style) =>
  style.overflowY === "hidden" && (style.height === "0px" || style.maxHeight === "0px");

function removeInvisible(document) {
  const elements = [...document.body.querySelectorAll("*")];
  // Styles first: removing an element may change those of others.
  const styles = elements.map((element) => document.defaultView.getComputedStyle(element));
  const found = elements.map((_, at) => ({
    gone: styles[at].opacity === "0" || isClipped(styles[at]),
    mute: styles[at].fontSize === "0px",
  }));
  elements.forEach((element, at) => {
    if (found[at].gone) {
      element.remove();
    } else if (found[at].mute) {
      [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).forEach((node) => node.remove());
    }
  });
}

async function visibleText(html) {
  const frame = document.createElement("iframe");
  frame.style = "width: 800px; height: 600px";
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
  frame.src = URL.createObjectURL(new Blob([html], { type: "text/html;charset=utf-8" }));
  document.body.append(frame);
  await loaded;
  removeInvisible(frame.contentDocument);
  const text = frame.contentDocument.body.innerText;
  frame.remove();
  return text;
}

async function main() {
  const pages = await (await fetch("pages")).json();
  const texts = {};
  for (const [name, html] of Object.entries(pages)) {
    texts[name] = await visibleText(html);
  }
  await fetch("texts", { method: "POST", body: JSON.stringify(texts) });
}

main();
