/** The few signs the live half needs, drawn on a 16 px grid in the colour of the text. */
const PATHS = {
  play: <path d="M4.5 2.8v10.4a.6.6 0 0 0 .9.5l8.2-5.2a.6.6 0 0 0 0-1L5.4 2.3a.6.6 0 0 0-.9.5Z" fill="currentColor" />,
  pause: <path d="M4 2.5h2.8v11H4zM9.2 2.5H12v11H9.2z" fill="currentColor" />,
  step: (
    <path
      d="M3.5 3.2v9.6a.5.5 0 0 0 .8.4l6.2-4.8a.5.5 0 0 0 0-.8L4.3 2.8a.5.5 0 0 0-.8.4ZM11.5 3H13v10h-1.5z"
      fill="currentColor"
    />
  ),
  epoch: (
    <path
      d="M2 3.4v9.2a.5.5 0 0 0 .8.4L7 9.3v3.3a.5.5 0 0 0 .8.4l4.7-4.6a.5.5 0 0 0 0-.8L7.8 3a.5.5 0 0 0-.8.4v3.3L2.8 3a.5.5 0 0 0-.8.4ZM13 3h1.4v10H13z"
      fill="currentColor"
    />
  ),
  rewind: (
    <path
      d="M12.5 3.2v9.6a.5.5 0 0 1-.8.4L5.5 8.4a.5.5 0 0 1 0-.8l6.2-4.8a.5.5 0 0 1 .8.4ZM3 3h1.5v10H3z"
      fill="currentColor"
    />
  ),
  home: <path d="M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3" {...line()} />,
  share: <path d="M8 10V2.5m0 0L5.2 5.3M8 2.5l2.8 2.8M3 9.5V13h10V9.5" {...line()} />,
  menu: <path d="M2.5 4.5h11m-11 3.5h11m-11 3.5h11" {...line()} />,
  down: <path d="m4 6 4 4 4-4" {...line()} />,
  close: <path d="m4 4 8 8m0-8-8 8" {...line()} />,
  right: <path d="m3 8.5 3.2 3.2L13 4.8" {...line(2)} />,
  wrong: <path d="m4 4 8 8m0-8-8 8" {...line(2)} />,
  settings: <path d="M2 5h7m4 0h1M2 11h1m4 0h7M9 3v4M7 9v4" {...line()} />,
} as const

function line(width = 1.5) {
  return {
    fill: "none",
    stroke: "currentColor",
    strokeWidth: width,
    strokeLinecap: "round",
    strokeLinejoin: "round",
  } as const
}

export function Icon({ name, size = 16 }: { name: keyof typeof PATHS; size?: number }) {
  return (
    <svg className="pgl-icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      {PATHS[name]}
    </svg>
  )
}
