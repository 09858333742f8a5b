/** Every template as a card: what it shows, on which data, how large it is, what it reaches. Open makes a project of one's own. */
import { useEffect, useMemo, useState, type ReactElement } from "react"
import { send } from "../connection-api"
import { countText } from "../editor/summary"
import { Dialog } from "../files/Dialog"
import { openDialog } from "../files/dialogs"
import type { GalleryCard } from "../protocol"
import { toast } from "../store"
import { askForCards, chosen, everything, scoreText, simpleText, sizes, tasks, timeText, useCards, views, type Wish } from "./cards"
import { DataPicture, MiniGraph } from "./Thumbnail"
import "./gallery.css"

export function Gallery(): ReactElement {
  const cards = useCards()
  const [wish, setWish] = useState<Wish>(everything)
  const shown = useMemo(() => chosen(cards ?? [], wish), [cards, wish])
  useEffect(askForCards, [])
  const close = () => openDialog(null)
  return (
    <Dialog title="Begin with a template" testid="gallery" wide close={close}>
      <Filter wish={wish} change={(change) => setWish({ ...wish, ...change })} />
      <p className="pg-gallery-count" role="status">
        {cards === null ? "Reading the templates" : shown.length === cards.length ? `${cards.length} templates` : `${shown.length} of ${cards.length} templates`}
      </p>
      {cards !== null && shown.length === 0 && (
        <p className="pg-gallery-none">
          No template fits.{" "}
          <button type="button" className="pgl-button pgl-outlined" onClick={() => setWish(everything)}>
            Show all
          </button>
        </p>
      )}
      <ul className="pg-gallery">
        {shown.map((card) => (
          <Card key={card.kind} card={card} close={close} />
        ))}
      </ul>
    </Dialog>
  )
}

function Filter({ wish, change }: { wish: Wish; change: (change: Partial<Wish>) => void }): ReactElement {
  return (
    <form className="pg-gallery-filter" role="search" aria-label="Templates" onSubmit={(event) => event.preventDefault()}>
      <input
        type="search"
        aria-label="Search templates"
        placeholder="Search: clothes, xor, residual"
        data-testid="gallery-search"
        value={wish.text}
        onChange={(event) => change({ text: event.target.value })}
      />
      <Choice name="Answer" value={wish.task} choices={tasks} pick={(task) => change({ task })} />
      <Choice name="Data" value={wish.view} choices={views} pick={(view) => change({ view })} />
      <Choice
        name="Size"
        value={wish.size}
        choices={{ small: sizes.small.title, large: sizes.large.title }}
        pick={(size) => change({ size })}
      />
    </form>
  )
}

interface ChoiceProps<T extends string> {
  name: string
  value: T | ""
  choices: Record<T, string>
  pick: (value: T | "") => void
}

function Choice<T extends string>({ name, value, choices, pick }: ChoiceProps<T>): ReactElement {
  return (
    <select
      aria-label={name}
      data-testid={`gallery-${name.toLowerCase()}`}
      value={value}
      onChange={(event) => pick(event.target.value as T | "")}
    >
      <option value="">{`${name}: all`}</option>
      {(Object.entries(choices) as [T, string][]).map(([key, title]) => (
        <option key={key} value={key}>
          {title}
        </option>
      ))}
    </select>
  )
}

function Card({ card, close }: { card: GalleryCard; close: () => void }): ReactElement {
  const simple = simpleText(card)
  const open = () => {
    if (send({ type: "new", kind: card.kind })) close()
    else toast("The server does not answer. Try again when the connection is back.", "warn")
  }
  return (
    <li className="pg-card" data-testid={`card-${card.kind}`}>
      <div className="pg-card-picture">
        <MiniGraph card={card} />
        <DataPicture card={card} />
      </div>
      <h3 id={`card-${card.kind}`}>{card.title}</h3>
      <p>{card.purpose}</p>
      <dl>
        <div>
          <dt>Data</dt>
          <dd>{card.data}</dd>
        </div>
        <div>
          <dt>Size</dt>
          <dd>
            {countText(card.parameters)} weights{card.score ? `, trains in ${timeText(card.score.seconds)}` : ""}
          </dd>
        </div>
        <div>
          <dt>Reaches</dt>
          <dd>
            {scoreText(card)}
            {simple && <small>{simple}</small>}
          </dd>
        </div>
      </dl>
      <button
        type="button"
        className="pgl-button pgl-outlined"
        data-testid={`template-${card.kind}`}
        aria-label={`Open a copy of ${card.title}`}
        onClick={open}
      >
        Open a copy
      </button>
    </li>
  )
}
