/** What the server sends (services/meetings/boards.py): the whole board each time. */

export type View = "code" | "reporter" | "voting" | "waiting" | "result";

export interface Reporter {
  name: string;
  organisation: string;
  mode: string;
}

export interface ClassScore {
  ballots: number;
  abstained: number;
  score: string | null;
}

export interface Row {
  name: string;
  score: string | null;
  classes: Record<string, ClassScore>;
}

export interface Result {
  top: string;
  classes: string[];
  hidden: string[];
  rows: Row[];
}

export interface Board {
  title: string;
  starts_at: string;
  phase: "draft" | "open" | "closed" | "published";
  view: View;
  speaker: number | null;
  reporters: Reporter[];
  turnout: { entitled: number; present: number; voted: number | null; step: number | null };
  clock: { does: "open" | "close"; at: string } | null;
  result: Result | null;
  code: string | null;
}

export interface Gone {
  title: string;
  say: string;
}
