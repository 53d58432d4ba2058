import { accessible, expect, person, test } from './world'

test('the map draws lines and stops beside the board, without any other server', async ({ browser }) => {
  test.setTimeout(300_000)
  const page = await person(browser, 'dispatcher', { map: true })
  const outside: string[] = []
  const own = new URL(page.url()).origin
  page.on('request', (r) => {
    if (/^https?:/.test(r.url()) && !r.url().startsWith(own)) outside.push(r.url())
  })
  await page.getByRole('button', { name: 'Next day' }).click()
  await expect(page.locator('[data-trip]').first()).toBeVisible()
  const map = page.getByTestId('map')
  await expect(map).toHaveAttribute('data-ready', 'true', { timeout: 120_000 })
  await expect.poll(async () => Number(await map.getAttribute('data-lines')), { timeout: 60_000 }).toBeGreaterThan(0)
  await accessible(page, 'map')
  expect(outside).toEqual([])
  await page.context().close()
})
