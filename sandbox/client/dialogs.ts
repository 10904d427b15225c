/** Small dialogs: choose a code, a person, a voice message. */

import type { Person, Scene } from "./api";
import { button, h } from "./dom";

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

function row(title: string, note: string, chosen: () => void): HTMLElement {
  const label = h("span", { className: "weui-cell__bd" }, h("b", {}, title), h("small", {}, note));
  return h("button", { type: "button", className: "weui-cell weui-cell_access row", onclick: chosen }, label);
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
  const rows = scenes.map((item) => row(`▣ ${item.name}`, item.scene, () => finish({ scene: item.scene })));
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
    list.replaceChildren(...fitting.map((person) => row(person.name, person.note || "没有备注", pick(person))));
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
  const words = input("说了什么（可不填）", "recognition");
  const send = form([words], "发送语音", () => {
    dialog.close();
    said(words.value.trim());
  });
  const dialog = open("语音", send);
}

/** Send a photo from this computer, or a tiny sample. */
export function photoDialog(chosen: (file: File | null) => void): void {
  const file = h("input", { type: "file", accept: "image/*", ariaLabel: "选择图片" });
  file.onchange = () => {
    dialog.close();
    chosen(file.files?.[0] ?? null);
  };
  const sample = button("发送示例图片", "weui-btn weui-btn_default weui-btn_mini", () => {
    dialog.close();
    chosen(null);
  });
  const dialog = open("照片", h("div", { className: "fields" }, file, sample));
}

/** Say something that went wrong. */
export function toast(say: string): void {
  const element = h("div", { className: "toast", role: "status" }, say);
  document.body.append(element);
  setTimeout(() => element.remove(), 4000);
}
