/** What the Explain page and the server say to each other: docs/protocol.md, "The Explain page". */

export interface RunEntry {
  id: string
  name: string
  data: string
  state: string
  score: string
  steps: number
}

export type Tab = "right" | "wrong" | "unsure"
export const TABS: readonly Tab[] = ["right", "wrong", "unsure"]

export interface CaseEntry {
  id: number
  tab: Tab
  truth: number
  answer: number
  probability: number | null
  label: string
}

export interface Facts {
  task: "binary" | "classes" | "regression"
  view: "plane" | "image" | "table"
  classes: string[]
  feature_names: string[]
  target_unit: string
}

export interface Offer {
  part: { kind: string; title: string; help: string; defaults: Record<string, unknown> }
  offer: "exact" | "approximate" | "not offered"
  reason: string
}

export interface CasesMessage {
  type: "explain_cases"
  run: string
  step: number
  facts: Facts
  methods: Offer[]
  layers: { path: string; title: string }[]
  counts: Record<Tab, number>
  cases: CaseEntry[]
}

export interface Check {
  id: string
  title: string
  status: "pass" | "caution" | "fail" | "not_run" | "not_applicable"
  sentence: string
}

export type StampWord = "OK" | "CAUTION" | "WITHHELD" | "NOT TESTED"

export interface Proof {
  share: number
  parts: number
  expected: number
  highlighted: number
  random: number
  random_range: [number, number]
  name: string
  filling: string
}

export interface FeatureCredit {
  name: string
  value: number | null
  attribution: number
}

export interface ExplanationMessage {
  type: "explanation"
  task: string
  run: string
  case: number
  title: string
  scale: string
  target: { index: number; name: string }
  answer: { index: number | null; probabilities: number[] | null; value: number | null; sentence: string }
  baseline: { name: string; value: number | null }
  score: number
  gap: number | null
  sentence: string
  caution?: string
  question: string
  cannot_say: string
  stamp: { word: StampWord; passed: number; of: number; sentence: string; thresholds: string }
  checks: Check[]
  proof: Proof | null
  features: FeatureCredit[] | null
  warnings: string[]
}

export type FromServer =
  | { type: "explain_runs"; runs: RunEntry[] }
  | CasesMessage
  | ExplanationMessage
  | { type: "explain_progress"; task: string; share: number; text: string }
  | { type: "explain_failed"; task: string; message: string; cancelled: boolean }
  | { type: "answer"; task: string; probabilities: number[] | null; answer: number }
  | { type: "error"; text: string }

export type ToServer =
  | { type: "explain_runs" }
  | { type: "explain_cases"; run: string; count?: number }
  | { type: "explain"; task: string; run: string; case: number; method: Record<string, unknown>; target: number | null }
  | { type: "explain_answer"; task: string; run: string; values: number[] }
  | { type: "cancel"; task: string }
