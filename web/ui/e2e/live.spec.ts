import { Api, boardRow, expect, findRide, order, person, test, type Booking } from './world'

test('a rider holds on one node; the dispatcher’s row on the other changes by itself, without a reload', async ({ browser }) => {
  const api = await Api.as('rider')
  const ride = await findRide(api)
  const offer = ride.offers[1]!
  const dispatcher = await person(browser, 'dispatcher', { node: 1 })
  const row = await boardRow(dispatcher, api.today, offer)
  const before = Number(await row.getAttribute('data-v'))
  const held = row.getByTestId('held')
  const heldBefore = (await held.count()) > 0 ? Number((await held.innerText()).replace('+', '')) : 0
  // Nothing here reads the board again by the clock: only a push changes the row. Both pages read one clock: what is measured is from the rider's request to the changed row, without this test's own polling.
  await row.evaluate((el, want) => {
    const w = window as unknown as { changedAt: number }
    w.changedAt = 0
    new MutationObserver(() => {
      if (el.querySelector('[data-testid=held]')?.textContent === want) w.changedAt ||= Date.now()
    }).observe(el, { subtree: true, childList: true, characterData: true })
  }, `+${heldBefore + 1}`)

  const rider = await person(browser, 'rider', { node: 0, phone: true })
  await rider.goto(`/?from=${ride.from}&to=${ride.to}&date=${ride.date}&party=1`)
  await rider.locator(`article[data-trip="${offer.trip}"]`).getByRole('button').click()
  const answered = rider.waitForResponse((r) => r.url().endsWith('/v1/bookings') && r.request().method() === 'POST')
  await rider.getByRole('button', { name: 'Hold 1 seat', exact: true }).click()
  const answer = await answered
  expect(answer.status()).toBe(201)
  await expect(held).toHaveText(`+${heldBefore + 1}`)
  const changedAt = await dispatcher.evaluate(() => (window as unknown as { changedAt: number }).changedAt) // gone, had the page reloaded
  const took = changedAt - answer.request().timing().startTime
  console.log(`the row changed ${Math.round(took)} ms after the rider's request left`)
  expect(took).toBeGreaterThan(0)
  expect(Number(await row.getAttribute('data-v'))).toBeGreaterThan(before)

  // Whether it was the server that did not answer, or news that did not come, is told apart.
  const released = rider.waitForResponse((r) => r.url().endsWith('/cancel') && r.request().method() === 'POST')
  await rider.getByRole('button', { name: 'Let the seat go' }).click()
  expect((await released).status()).toBe(200)
  await expect(rider.locator('[data-state="cancelled"]')).toBeVisible()
  if (heldBefore === 0) await expect(held).toHaveCount(0)
  else await expect(held).toHaveText(`+${heldBefore}`)
  await rider.context().close()
  await dispatcher.context().close()
})

test('seats free move under the eyes of another rider', async ({ browser }) => {
  const api = await Api.as('rider', 1)
  const ride = await findRide(api)
  const offer = ride.offers[0]!
  const rider = await person(browser, 'rider', { node: 0, phone: true })
  await rider.goto(`/?from=${ride.from}&to=${ride.to}&date=${ride.date}&party=1`)
  const free = rider.locator(`article[data-trip="${offer.trip}"]`).getByTestId('free')
  await expect(free).toHaveAttribute('data-free', String(offer.free))
  const b = await api.post<Booking>('/v1/bookings', { trip: offer.trip, from: ride.from, to: ride.to, party: 2 })
  await expect(free).toHaveAttribute('data-free', String(offer.free - 2))
  await api.post(`/v1/bookings/${b.id}/cancel`)
  await expect(free).toHaveAttribute('data-free', String(offer.free))
  await rider.context().close()
})

test('Redis restarts: the banner says stale, then current, and the row is right', async ({ browser }) => {
  const api = await Api.as('rider', 0)
  const ride = await findRide(api)
  const offer = ride.offers[2]!
  const dispatcher = await person(browser, 'dispatcher', { node: 1 })
  const row = await boardRow(dispatcher, api.today, offer)
  const link = dispatcher.getByTestId('link')
  await expect(link).toHaveAttribute('data-state', 'current')
  const before = Number((await row.getByTestId('held').allInnerTexts())[0]?.replace('+', '') ?? 0)

  await order('redis stop')
  await expect(link).toHaveAttribute('data-state', 'stale')
  await expect(link).toContainText('Last known')
  const b = await api.post<Booking>('/v1/bookings', { trip: offer.trip, from: ride.from, to: ride.to, party: 1 }) // slower, not wrong
  await order('redis start')
  await expect(link).toHaveAttribute('data-state', 'current')
  await expect(row.getByTestId('held')).toHaveText(`+${before + 1}`)

  // What the screen holds is what the server holds.
  const staff = await Api.as('dispatcher', 0)
  const { set } = await staff.get<{ set: Record<string, { v: number }> }>(`/v1/realtime/sets/board:${ride.date}`)
  expect(await row.getAttribute('data-v')).toBe(String(set[`trip/${offer.trip}`]?.v))

  // And news flow again.
  await api.post(`/v1/bookings/${b.id}/cancel`)
  if (before === 0) await expect(row.getByTestId('held')).toHaveCount(0)
  else await expect(row.getByTestId('held')).toHaveText(`+${before}`)
  await dispatcher.context().close()
})

test('a phone that loses its network says so, and is current again afterwards', async ({ browser }) => {
  const dispatcher = await person(browser, 'dispatcher')
  const link = dispatcher.getByTestId('link')
  await expect(link).toHaveAttribute('data-state', 'current')
  await dispatcher.context().setOffline(true)
  await expect(link).toHaveAttribute('data-state', 'stale')
  await expect(link).toContainText('No network')
  await dispatcher.context().setOffline(false)
  await expect(link).toHaveAttribute('data-state', 'current')
  await dispatcher.context().close()
})
