/** The fourth card: a branch secretary writes down a theme-day activity, from nothing to kept. */

import type { Heard } from "./told";
import type { Card, Stage, Step } from "./script";
import { codeOf } from "./people";

const ROLE = "支部书记";
const BOUND = /绑定成功|已经绑定/;
const DRAFT = /【主题党日】/;
const KEPT = /已记下：主题党日/;
const WORDS = "昨天在活动室学习党章，全到";
const PHOTOS = 3;

const isBound = ({ told }: Stage): boolean => {
  const person = told.person(ROLE);
  return told.said(ROLE, BOUND) || Boolean(person && !codeOf(person));
};
const isKept = ({ told }: Stage): boolean => told.said(ROLE, KEPT);

async function bind(stage: Stage): Promise<void> {
  if (!isBound(stage)) await stage.doer.bind(ROLE);
}

async function begin(stage: Stage): Promise<Heard> {
  await bind(stage);
  await stage.doer.say(ROLE, "主题党日");
  return stage.doer.say(ROLE, WORDS);
}

async function draft(stage: Stage): Promise<Heard> {
  const last = stage.told.last(ROLE);
  return DRAFT.test(last.text) ? last : begin(stage);
}

async function sendPhotos(stage: Stage): Promise<void> {
  await draft(stage);
  await stage.doer.photos(ROLE, PHOTOS);
}

async function confirm(stage: Stage): Promise<void> {
  await stage.doer.tap(ROLE, await draft(stage), "确认");
}

const STEPS: Step[] = [
  {
    role: ROLE,
    title: "书记绑定",
    say: () => "点「关注公众号」，发「绑定」，再发姓名；点手机顶上的绑定码，发送。只做这一次。",
    isDone: (stage) => isBound(stage) || isKept(stage),
    help: bind,
  },
  {
    role: ROLE,
    title: "说一句话",
    say: () => `点菜单里的「主题党日」，再发一句话，如：${WORDS}。日期、地点、谁没来，都从这句话里认。`,
    isDone: (stage) => isKept(stage) || stage.told.said(ROLE, DRAFT),
    help: begin,
  },
  {
    role: ROLE,
    title: "发几张照片",
    say: () => "点「＋ → 照片 → 三张示例图片」。照片可以不附；先发、后发、晚到，都归到这一条。",
    isDone: (stage) => isKept(stage) || stage.told.said(ROLE, /照片：[1-9]/),
    help: sendPhotos,
  },
  {
    role: ROLE,
    title: "核对，确认",
    say: () => "整条看一遍，错了点哪项改哪项。都对，点「确认」。",
    isDone: isKept,
    help: confirm,
  },
];

export const RECORDING: Card = {
  title: "六十秒记一次主题党日",
  lead: "支部书记一句话、几张照片，就是一条完整的记录。",
  steps: STEPS,
  end: "记好了。自评、述职要用时自动带出，不用再填。别的手机也有事可办：先发「任务」看看。",
};
