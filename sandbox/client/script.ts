/** The three cards of the meeting: on which phone, what to tap, how one sees that it is done, and how it is done for somebody. */

import type { Person } from "./api";
import type { Doer } from "./doer";
import { codeOf } from "./people";
import type { Role, Told } from "./told";

/** What a step can look at and use. */
export interface Stage {
  told: Told;
  doer: Doer;
  /** Whether the big screen was opened from this page. */
  hasSeenScreen: boolean;
  showScreen: () => void;
}

export interface Step {
  role: Role;
  title: string;
  say: (person: Person) => string;
  isDone: (stage: Stage) => boolean;
  help: (stage: Stage) => Promise<unknown>;
}

export interface Card {
  title: string;
  lead: string;
  steps: Step[];
  end: string;
}

const isOpened = ({ told }: Stage): boolean => told.said("主持人", /投票已开始|正在投票。|投票已结束。/);
const isClosed = ({ told }: Stage): boolean => told.said("主持人", /投票已结束。/);

async function open(stage: Stage): Promise<void> {
  if (!isOpened(stage)) await stage.doer.open();
}

async function voteOf(stage: Stage, role: Role): Promise<void> {
  await open(stage);
  await stage.doer.vote(role);
}

const VOTING: Card = {
  title: "投一票",
  lead: "一位党员代表走进会场：扫码、点选、确认。",
  end: "这一票已经加密封存：谁也改不了，结束之前谁也不开封。",
  steps: [
    {
      role: "党员代表",
      title: "扫码进场",
      say: () => "点右上角「扫一扫」，选「会场签到码」。扫码就是关注。",
      isDone: ({ told, doer }) => doer.isIn("党员代表") || told.said("党员代表", /请回复您的姓名/),
      help: ({ doer }) => doer.scan("党员代表"),
    },
    {
      role: "党员代表",
      title: "报姓名和绑定码",
      say: (person) =>
        codeOf(person)
          ? `点左下角「⌨」，发姓名「${person.name}」；再点手机顶上的绑定码，发送。只做这一次。`
          : "已经绑定过的人，扫码就签到了。",
      isDone: ({ doer }) => doer.isIn("党员代表"),
      help: ({ doer }) => doer.enter("党员代表"),
    },
    {
      role: "主持人",
      title: "主持人宣布开始",
      say: () => "同样扫码签到，再发「主持」，点「开始投票」「确认」。也可以「替我做」。",
      isDone: isOpened,
      help: open,
    },
    {
      role: "党员代表",
      title: "要一张票",
      say: () => "点「≡」菜单里的「投票」。第一题之前，先说清怎样保密。",
      isDone: ({ told, doer }) => doer.hasCast("党员代表") || told.said("党员代表", /第 1\/\d+ 题/),
      help: ({ doer }) => doer.ask("党员代表"),
    },
    {
      role: "党员代表",
      title: "逐人点选",
      say: () => "点蓝色的选项，或发「好」「较好」。点错了，点「上一步」。",
      isDone: ({ told, doer }) => doer.hasCast("党员代表") || told.said("党员代表", /您的选票/),
      help: ({ doer }) => doer.answer("党员代表"),
    },
    {
      role: "党员代表",
      title: "核对，确认",
      say: () => "整张票看一遍，点「确认」。看到「已计入」，就存好了。",
      isDone: ({ doer }) => doer.hasCast("党员代表"),
      help: ({ doer }) => doer.vote("党员代表"),
    },
  ],
};

const HOSTING: Card = {
  title: "主持一场",
  lead: "主持人只用一部手机：看进度，管大屏，等大家投完。",
  end: "三类人都有了票，可以结束了。",
  steps: [
    {
      role: "主持人",
      title: "看进度",
      say: () => "发「主持」（有几场就选第一场）：已投人数按 5 人取整，推不出谁投没投。",
      isDone: ({ told }) => told.said("主持人", /正在投票。|投票已结束。/),
      help: async (stage) => {
        await open(stage);
        await stage.doer.look();
      },
    },
    {
      role: "主持人",
      title: "要大屏的地址",
      say: () => "点「大屏」：得到一个猜不到的地址，会场电脑打开它，不用登录。",
      isDone: ({ told }) => told.said("主持人", /\/screen\//),
      help: ({ doer }) => doer.command("大屏"),
    },
    {
      role: "主持人",
      title: "请出第一位述职人",
      say: () => "点「下一位」，大屏就换成这位述职人。",
      isDone: ({ told }) => told.said("主持人", /大屏现在显示.*第 \d+ 位/),
      help: ({ doer }) => doer.command("下一位"),
    },
    {
      role: "领导",
      title: "领导签到",
      say: () => "扫码、报姓名和绑定码。投票一结束，小结就发到这部手机。",
      isDone: ({ doer }) => doer.isIn("领导"),
      help: ({ doer }) => doer.enter("领导"),
    },
    {
      role: "群众代表",
      title: "群众代表来投",
      say: () => "扫码签到，发「投票」，点选，确认。三类人都有票才能算分。",
      isDone: ({ doer }) => doer.hasCast("群众代表"),
      help: (stage) => voteOf(stage, "群众代表"),
    },
    {
      role: "主持人",
      title: "主持人也投一票",
      say: () => "领导班子也有一票：发「投票」，点选，确认。",
      isDone: ({ doer }) => doer.hasCast("主持人"),
      help: (stage) => voteOf(stage, "主持人"),
    },
  ],
};

const CLOSING_QUESTION = /现在结束投票/;
const CLOSING: Card = {
  title: "收票看结果",
  lead: "结束投票，几秒之内看到能复核的结果。",
  end: "从扫码到结果，走完了。再来一场：重新运行 make run，会备好下一场。",
  steps: [
    {
      role: "主持人",
      title: "结束投票",
      say: () => "发「结束投票」：先说还有几个人没投，问一句再办。",
      isDone: (stage) => isClosed(stage) || stage.told.said("主持人", CLOSING_QUESTION),
      help: ({ doer }) => doer.say("主持人", "结束投票"),
    },
    {
      role: "主持人",
      title: "确认",
      say: () => "点「确认」：开封、计数、销毁选票和密钥，一步办完，随即出分。",
      isDone: isClosed,
      help: ({ doer }) => doer.confirm("结束投票", CLOSING_QUESTION),
    },
    {
      role: "领导",
      title: "领导收到小结",
      say: () => "小结会自己送到（听，提示音）。没有等到，就发「任务」。",
      isDone: ({ told }) => told.wasPushed("领导") || told.said("领导", /小结已出|现在没有要您办的事/),
      help: async ({ doer }) => {
        await doer.enter("领导");
        await doer.say("领导", "任务");
      },
    },
    {
      role: "主持人",
      title: "大屏上的结果",
      say: () => "点右上角「会场大屏」：从最后一排也看得清，人太少的类别不单独公布。",
      isDone: ({ hasSeenScreen }) => hasSeenScreen,
      help: ({ showScreen }) => Promise.resolve(showScreen()),
    },
  ],
};

export const MEETING: Card[] = [VOTING, HOSTING, CLOSING];
