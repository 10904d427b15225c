/** Bring files: one after the other, each with its progress; what failed can be tried again, and nothing is kept twice. */

import "./page.css";
import "./upload.css";
import { el, say } from "./dom";
import { follow } from "./page";

interface Kept {
  name: string;
  size: number;
  kind: string;
}

interface Facts {
  title: string;
  most_bytes: number;
  files: Kept[];
}

const ACCEPT = ".pdf,.docx,.xlsx,.jpg,.jpeg,.png";
const NO_LINE = "网络断了，没有传上去。";

follow<Facts>("上传页", draw);

function draw(address: string, facts: Facts): void {
  const input = document.createElement("input");
  input.type = "file";
  input.id = "file";
  input.multiple = true;
  input.accept = ACCEPT;
  const label = document.createElement("label");
  label.htmlFor = "file";
  label.append("选择文件");
  const most = Math.floor(facts.most_bytes / 1024 / 1024);
  const hint = el("p.soft", `PDF、Word（docx）、Excel（xlsx）、JPG、PNG，每个不超过 ${most} MB，可以一次选几个。`);
  const list = el("ul.files", ...facts.files.map(done));
  const none = el("p.none.soft", "还没有文件。");
  none.hidden = facts.files.length > 0;
  let queue = Promise.resolve();
  input.addEventListener("change", () => {
    for (const file of Array.from(input.files ?? [])) {
      const row = waiting(file, facts.most_bytes, () => (queue = queue.then(() => send(address, file, row))));
      list.prepend(row);
      none.hidden = true;
      row.dispatchEvent(new Event("begin"));
    }
    input.value = "";
  });
  const header = el("header", el("div.inner", el("p", "传文件"), el("h1", facts.title)));
  const main = el("main", el("section.choose", input, label, hint), el("section", el("h2", "已传的文件"), none, list));
  document.body.replaceChildren(header, main, el("footer", el("p", "传好了直接返回聊天即可。照片里的拍摄地点会自动去掉，Word、Excel 里的也一样；PDF 原样保存，里面的照片请自己留意。"), el("p", "支评 · 有意见：在公众号回复「投诉建议」")));
}

function done(one: Kept): HTMLElement {
  return el("li.done", el("div.line", el("b", one.name), el("small", size(one.size))));
}

/** A row that says how far its file is. `begin` starts it, also again after a failure. */
function waiting(file: File, most: number, start: () => void): HTMLElement {
  const state = el("small.state", "等待");
  const bar = el("i");
  const again = el("button", "重试");
  again.hidden = true;
  const row = el("li", el("div.line", el("b", file.name), state), el("div.bar", bar), again);
  again.addEventListener("click", () => row.dispatchEvent(new Event("begin")));
  row.addEventListener("begin", () => {
    again.hidden = true;
    row.classList.remove("failed");
    if (file.size > most) return fail(row, `文件超过 ${Math.floor(most / 1024 / 1024)} MB，请压缩或拆开再传。`, false);
    start();
  });
  return row;
}

function send(address: string, file: File, row: HTMLElement): Promise<void> {
  return new Promise((resolve) => {
    const call = new XMLHttpRequest(); // fetch tells nothing of how far an upload is
    call.open("PUT", `${address}/file`);
    call.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
    call.upload.onprogress = (event) => progress(row, event.loaded / Math.max(event.total, 1));
    call.onload = () => finish(call, row);
    call.onerror = () => fail(row, NO_LINE, true);
    call.onloadend = () => resolve();
    progress(row, 0);
    call.send(file);
  });
}

function progress(row: HTMLElement, ratio: number): void {
  const percent = `${Math.round(ratio * 100)}%`;
  say(row.querySelector(".state") as Element, percent);
  (row.querySelector(".bar i") as HTMLElement).style.width = percent;
}

function finish(call: XMLHttpRequest, row: HTMLElement): void {
  if (call.status === 200) return row.replaceWith(done(JSON.parse(call.responseText) as Kept));
  if (call.status === 401) return location.reload(); // the session has ended: the page itself leads to the login
  const error = told(call.responseText);
  fail(row, error ?? "服务暂时不通，没有传上去。", error === null);
}

function told(text: string): string | null {
  try {
    return (JSON.parse(text) as { error: { say: string } }).error.say;
  } catch {
    return null;
  }
}

function fail(row: HTMLElement, text: string, retry: boolean): void {
  row.classList.add("failed");
  say(row.querySelector(".state") as Element, text);
  (row.querySelector("button") as HTMLButtonElement).hidden = !retry;
}

function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
