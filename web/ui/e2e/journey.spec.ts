import { Api, expect, findRide, person, test, type Booking } from './world'

test('a rider finds two stops, holds, confirms, sees the ticket, and cancels knowing what it costs', async ({ browser }) => {
  const api = await Api.as('rider')
  const ride = await findRide(api)
  const offer = ride.offers[0]!
  const page = await person(browser, 'rider', { phone: true })

  await page.getByRole('button', { name: 'Where do you start?' }).click()
  const search = page.getByRole('combobox')
  await search.fill(offer.from.name.slice(0, 6))
  await page.getByRole('option', { name: offer.from.name, exact: true }).first().click()
  await expect(page.getByRole('dialog', { name: 'To' })).toBeVisible() // asked for at once
  await search.fill(offer.to.name)
  await expect(page.getByRole('option', { name: offer.to.name, exact: true })).toHaveCount(1)
  await search.press('Enter') // by keyboard as well
  await page.getByRole('radio').and(page.locator(`[value="${ride.date}"]`)).check()

  const card = page.locator(`article[data-trip="${offer.trip}"]`)
  await expect(card).toContainText(offer.from.time)
  await expect(card.getByTestId('free')).toHaveAttribute('data-free', String(offer.free))
  await card.getByRole('button').click()
  await expect(page.getByRole('dialog')).toContainText(offer.to.name)
  await page.getByRole('button', { name: 'Hold 1 seat', exact: true }).click()

  await expect(page.getByTestId('countdown')).toContainText(/[34]:\d\d|5:00/)
  await page.getByRole('button', { name: 'Confirm, pay cash on board' }).click()
  const qr = page.getByTestId('qr')
  await expect(qr).toBeVisible()
  const token = await qr.getAttribute('data-token')
  expect(token).toHaveLength(170)
  await expect(page.getByTestId('short')).toHaveText(/^[0-9A-Z]{6}$/)

  // The ticket stands without a network.
  await page.context().setOffline(true)
  await expect(qr).toBeVisible()
  await page.context().setOffline(false)

  await page.getByRole('link', { name: 'My bookings' }).first().click()
  await expect(page.getByRole('region', { name: 'Coming up' })).toContainText(offer.from.name)
  await page.goBack()
  await page.getByRole('button', { name: 'Cancel this booking' }).click()
  await expect(page.getByRole('dialog')).toContainText(/Cancelling is free until \d\d:\d\d\./)
  await expect(page.getByRole('dialog')).toContainText('nothing has been charged')
  await page.getByRole('button', { name: 'Cancel the booking' }).click()
  await expect(page.locator('[data-state="cancelled"]')).toBeVisible()
  await page.goto('/bookings')
  await expect(page.getByRole('region', { name: 'Past' })).toContainText('Cancelled')
  await page.context().close()
})

test('a hold that runs out is told by the server’s sentence when it is too late', async ({ browser }) => {
  const api = await Api.as('rider')
  const ride = await findRide(api)
  const offer = ride.offers[0]!
  const b = await api.post<Booking>('/v1/bookings', { trip: offer.trip, from: ride.from, to: ride.to, party: 1 })
  const page = await person(browser, 'rider', { phone: true, lang: 'fr' })
  await page.goto(`/bookings/${b.id}`)
  await expect(page.getByTestId('countdown')).toBeVisible()
  // Another device of the same rider lets it go; this one learns by its channel.
  await api.post(`/v1/bookings/${b.id}/cancel`)
  await expect(page.locator('[data-state="cancelled"]')).toBeVisible({ timeout: 1_000 })
  await expect(page.getByText('Cette réservation est annulée')).toBeVisible()
  await page.context().close()
})

test('a wrong password is answered in the language of the person, and nothing is lost of what was typed', async ({ page }) => {
  const base = (JSON.parse(process.env.WAYMEET_E2E ?? '{}') as { nodes: string[] }).nodes[0]
  await page.addInitScript(() => localStorage.setItem('waymeet.locale', 'ar'))
  await page.goto(`${base}/?tenant=atlas`)
  const inputs = page.locator('form input')
  await inputs.nth(1).fill('rider@atlas.example')
  await inputs.nth(2).fill('not the password')
  await page.locator('form button[type=submit]').click()
  await expect(page.getByRole('alert')).toContainText(/\p{Script=Arabic}/u)
  await expect(inputs.nth(1)).toHaveValue('rider@atlas.example')
})
