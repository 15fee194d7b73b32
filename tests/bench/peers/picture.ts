/** A bar of a group. */
export interface Bar {
  readonly label: string
  readonly value: number
  /** Drawn in the colour that stands out. */
  readonly marked: boolean
}

/** Bars that are compared with each other; the longest takes all the room. */
export interface BarGroup {
  readonly title: string
  readonly bars: readonly Bar[]
}

/** What is drawn. */
export interface BarChart {
  readonly title: string
  /** For those who cannot see it. */
  readonly description: string
  readonly groups: readonly BarGroup[]
}

const WIDTH = 760
const LABELS = 170
const NUMBERS = 70
const ROW = 20
const BAR = 14
const GROUP_HEAD = 30
const GROUP_GAP = 14
const HEAD = 40

/** Readable on light and dark pages: no background, and colours that follow the reader's scheme. */
const STYLE = `
    text { font: 12px system-ui, sans-serif; fill: #1f2328 }
    .title { font-size: 16px; font-weight: 600 }
    .group { font-weight: 600 }
    .bar { fill: #8c959f }
    .marked { fill: #0969da }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .bar { fill: #6e7681 }
      .marked { fill: #4493f8 }
    }`

/** Groups of horizontal bars as an SVG document. */
export function drawBars({ title, description, groups }: BarChart): string {
  let top = HEAD
  const drawn: string[] = []
  for (const group of groups) {
    drawn.push(drawGroup(group, top))
    top += GROUP_HEAD + group.bars.length * ROW + GROUP_GAP
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" role="img" aria-labelledby="title desc">
  <title id="title">${escaped(title)}</title>
  <desc id="desc">${escaped(description)} ${escaped(groups.map(inWords).join(' '))}</desc>
  <style>${STYLE}
  </style>
  <text class="title" x="0" y="20">${escaped(title)}</text>
${drawn.join('\n')}
</svg>
`
}

function drawGroup({ title, bars }: BarGroup, top: number): string {
  const most = Math.max(...bars.map(({ value }) => value))
  const room = WIDTH - LABELS - NUMBERS
  const rows = bars.map(({ label, value, marked }, index) => {
    const y = top + GROUP_HEAD + index * ROW
    const width = Math.max(1, Math.round((value / most) * room))
    const middle = y + BAR - 3
    return [
      `  <text x="${LABELS - 8}" y="${middle}" text-anchor="end">${escaped(label)}</text>`,
      `  <rect class="bar${marked ? ' marked' : ''}" x="${LABELS}" y="${y}" width="${width}" height="${BAR}" rx="2"/>`,
      `  <text x="${LABELS + width + 6}" y="${middle}">${numberOf(value)}</text>`,
    ].join('\n')
  })
  return [`  <text class="group" x="0" y="${top + 18}">${escaped(title)}</text>`, ...rows].join('\n')
}

function inWords({ title, bars }: BarGroup): string {
  return `${title}: ${bars.map(({ label, value }) => `${label} ${numberOf(value)}`).join(', ')}.`
}

function numberOf(value: number): string {
  return Math.round(value).toLocaleString('en')
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
