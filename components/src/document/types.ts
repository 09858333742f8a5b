/** The document as the editor handles it. Pure values: an edit returns a new document, untouched elements keep their identity. */
export type {
  Experiment,
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
export const NODE_ID = /^[A-Za-z0-9_-]{1,40}$/
