/** Small dialogs: choose a code, a person, a voice message. */

import { codePicture, type Person, type Scene } from "./api";
import { button, h } from "./dom";
import { avatar } from "./people";
import { SAMPLE_WORDS } from "./samples";

function open(title: string, ...body: (Node | string)[]): HTMLDialogElement {
  const dialog = h("dialog", { className: "sheet", ariaLabel: title });
  const close = button("✕", "close", () => dialog.close(), "关闭");
  dialog.append(h("header", {}, h("h2", {}, title), close), ...body);
  dialog.onclose = () => dialog.remove();
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

function row(picture: HTMLElement, title: string, note: string, chosen: () => void): HTMLElement {
  const label = h("span", { className: "weui-cell__bd" }, h("b", {}, title), h("small", {}, note));
  return h("button", { type: "button", className: "weui-cell weui-cell_access row", onclick: chosen }, picture, label);
}

function form(fields: HTMLElement[], label: string, submitted: () => void): HTMLFormElement {
  const submit = h("button", { type: "submit", className: "weui-btn weui-btn_primary weui-btn_mini" }, label);
  const element = h("form", { className: "fields" }, ...fields, submit);
  element.onsubmit = (event) => {
    event.preventDefault();
    submitted();
  };
  return element;
}

function input(placeholder: string, name: string): HTMLInputElement {
  return h("input", { className: "weui-input", placeholder, name, ariaLabel: placeholder, autocomplete: "off" });
}

/** Scan: one of the registered codes, or whatever is pasted. */
export function scanDialog(scenes: Scene[], scanned: (code: { scene?: string; url?: string }) => void): void {
  const pasted = input("粘贴二维码内容或场景值", "code");
  const finish = (code: { scene?: string; url?: string }) => {
    dialog.close();
    scanned(code);
  };
  const paste = form([pasted], "扫描", () => {
    const value = pasted.value.trim();
    if (value) finish(/^https?:\/\//i.test(value) ? { url: value } : { scene: value });
  });
  const code = (item: Scene) => h("img", { className: "code-picture", src: codePicture(item.scene), alt: "" });
  const rows = scenes.map((item) => row(code(item), item.name, "点一下就是扫它", () => finish({ scene: item.scene })));
  const none = h("p", { className: "empty" }, "还没有登记的二维码。");
  const dialog = open("扫一扫", h("div", { className: "rows" }, ...(rows.length ? rows : [none])), paste);
}

/** Choose a person to put on the table, or make a new one. */
export function personDialog(people: Person[], chosen: (id: string) => void, made: (name: string, note: string) => void): void {
  const search = h("input", { className: "weui-input search", placeholder: "找人：姓名或备注", ariaLabel: "找人" });
  const list = h("div", { className: "rows" });
  const show = () => {
    const fitting = people.filter((person) => `${person.name} ${person.note}`.includes(search.value.trim()));
    const pick = (person: Person) => () => {
      dialog.close();
      chosen(person.id);
    };
    list.replaceChildren(...fitting.map((person) => row(avatar(person), person.name, person.note || "没有备注", pick(person))));
  };
  search.oninput = show;
  const [name, note] = [input("姓名", "name"), input("备注（可不填）", "note")];
  const create = form([name, note], "新建", () => {
    if (!name.value.trim()) return name.focus();
    dialog.close();
    made(name.value.trim(), note.value.trim());
  });
  const dialog = open("拿起谁的手机", search, list, create);
  show();
}

/** A voice message: what is said, as the platform's recognition would hear it. */
export function voiceDialog(said: (recognition: string) => void): void {
  const words = input("说了什么（不填就是微信没有转成文字）", "recognition");
  const finish = (recognition: string) => {
    dialog.close();
    said(recognition);
  };
  const sample = button("发送示例语音", "weui-btn weui-btn_default weui-btn_mini", () => finish(SAMPLE_WORDS));
  const send = form([words], "发送语音", () => finish(words.value.trim()));
  const dialog = open("语音", h("div", { className: "fields" }, sample), send);
}

/** Send photos from this computer, or so many samples; `late`: the last one comes some seconds after the others. */
export function photoDialog(chosen: (photos: File[] | number, late: boolean) => void): void {
  const files = h("input", { type: "file", accept: "image/*", multiple: true, ariaLabel: "选择图片" });
  const finish = (photos: File[] | number, late = false) => {
    dialog.close();
    chosen(photos, late);
  };
  files.onchange = () => finish([...(files.files ?? [])]);
  const sample = (label: string, count: number, late = false) =>
    button(label, "weui-btn weui-btn_default weui-btn_mini", () => finish(count, late));
  const samples = [sample("一张示例图片", 1), sample("三张示例图片", 3), sample("三张，一张晚到几秒", 3, true)];
  const dialog = open("照片", h("div", { className: "fields" }, files, ...samples));
}

/** A picture as large as the window allows. */
export function pictureDialog(src: string): void {
  open("图片", h("img", { className: "large", src, alt: "图片" })).classList.add("wide");
}

/** Ask before something that cannot be taken back. */
export function confirmDialog(question: string, confirmed: () => void): void {
  const yes = button("是的", "weui-btn weui-btn_warn weui-btn_mini", () => {
    dialog.close();
    confirmed();
  });
  const no = button("算了", "weui-btn weui-btn_default weui-btn_mini", () => dialog.close());
  const dialog = open(question, h("div", { className: "fields" }, yes, no));
}

/** Say briefly what has happened or gone wrong. */
export function toast(say: string): void {
  document.querySelector(".toast")?.remove();
  const element = h("div", { className: "toast", role: "status" }, say);
  document.body.append(element);
  setTimeout(() => element.remove(), 4000);
}
