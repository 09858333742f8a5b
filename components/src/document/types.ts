/** The document as the editor handles it. Pure values: an edit returns a new document, untouched elements keep their identity. */
export type {
  Experiment,
  Face,
  Layout,
  Network,
  NetworkEdge,
  NetworkNode,
  Part,
  Position,
  ProjectDocument,
  Viewport,
} from "../protocol"

export const ROLE = "model"
const NODE_ID = /^[A-Za-z0-9_-]{1,40}$/

/** Names that every object of JavaScript has are none: looking one up would find that instead of the node. */
export function isNodeId(text: string): boolean {
  return NODE_ID.test(text) && !(text in {})
}
