import { expect, it } from 'vitest'
import { drawBars } from '../../bench/peers/picture.ts'

it('draws the longest bar of each group as long as that of any other, and says everything in words', () => {
  const svg = drawBars({
    title: 'Speed <fast>',
    description: 'Longer is better.',
    groups: [
      {
        title: 'list & get',
        bars: [
          { label: 'ours', value: 2_000, marked: true },
          { label: 'theirs', value: 1_000, marked: false },
        ],
      },
      { title: 'login', bars: [{ label: 'ours', value: 20, marked: true }] },
    ],
  })
  const widths = [...svg.matchAll(/<rect class="([^"]+)"[^>]* width="(\d+)"/g)].map(([, name, width]) => [
    name,
    width,
  ])
  expect(widths).toEqual([
    ['bar marked', '520'],
    ['bar', '260'],
    ['bar marked', '520'],
  ])
  expect(svg).toContain('Speed &lt;fast&gt;</title>')
  expect(svg).toContain('Longer is better. list &amp; get: ours 2,000, theirs 1,000. login: ours 20.</desc>')
})
