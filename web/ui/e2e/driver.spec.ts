import { Api, expect, findRideSoon, person, test, type Booking } from './world'

async function confirmed(api: Api, party = 1) {
  const ride = await findRideSoon(api)
  const offer = ride.offers[0]!
  const held = await api.post<Booking>('/v1/bookings', { trip: offer.trip, from: ride.from, to: ride.to, party })
  const booking = await api.post<Booking>(`/v1/bookings/${held.id}/confirm`, { pay: 'cash' })
  const { token } = await api.get<{ token: string }>(`/v1/bookings/${held.id}/ticket`)
  return { offer, booking, token }
}

test('a driver boards a ticket; a second scan says so; the rider’s phone knows', async ({ browser }) => {
  const api = await Api.as('rider', 1)
  const { offer, booking, token } = await confirmed(api, 2)
  const rider = await person(browser, 'rider', { node: 1, phone: true })
  await rider.goto(`/bookings/${booking.id}`)
  await expect(rider.getByTestId('qr')).toBeVisible()

  const driver = await person(browser, 'driver', { node: 0, phone: true })
  await driver.goto(`/drive/${offer.line}/${offer.trip}`)
  const item = driver.locator(`[data-booking="${booking.id}"]`)
  await expect(item).toContainText(booking.short)
  await expect(driver.locator('main')).toContainText(offer.headsign) // which way it runs
  const on = driver.getByTestId('on-board')
  const before = Number((await on.innerText()).split('/')[0])
  const code = driver.getByLabel('Ticket code')
  const verdict = driver.getByTestId('verdict')

  await code.fill(token)
  await code.press('Enter')
  await expect(verdict).toHaveAttribute('data-kind', 'boarded')
  await expect(on).toContainText(String(before + 2))
  await expect(rider.locator('[data-state="boarded"]')).toBeVisible({ timeout: 1_000 })
  await expect(item).toHaveAttribute('data-state', 'boarded')

  await code.fill(booking.short.toLowerCase()) // the same rider, by the code this time
  await code.press('Enter')
  await expect(verdict).toHaveAttribute('data-kind', 'already')
  await expect(verdict).toContainText(/\d\d:\d\d/)

  await code.fill(token.slice(0, -6) + (token.endsWith('AAAAAA') ? 'BBBBBB' : 'AAAAAA'))
  await code.press('Enter')
  await expect(verdict).toHaveAttribute('data-kind', 'refused')
  await rider.context().close()
  await driver.context().close()
})

test('without a network a genuine ticket boards, a forged one does not, and the scan is sent when the network is back', async ({ browser }) => {
  const api = await Api.as('rider')
  const { offer, booking, token } = await confirmed(api)
  const driver = await person(browser, 'driver', { phone: true })
  await driver.goto(`/drive/${offer.line}/${offer.trip}`)
  const item = driver.locator(`[data-booking="${booking.id}"]`)
  await expect(item).toBeVisible()
  await driver.waitForFunction(() => Object.keys(localStorage).some((k) => k.startsWith('waymeet.ticketkeys.') && (localStorage.getItem(k) ?? '').includes('public_key')))

  await driver.context().setOffline(true)
  const code = driver.getByLabel('Ticket code')
  const verdict = driver.getByTestId('verdict')
  const forged = token.slice(0, 90) + (token[90] === 'A' ? 'B' : 'A') + token.slice(91)
  await code.fill(forged)
  await code.press('Enter')
  await expect(verdict).toHaveAttribute('data-kind', 'refused')
  await code.fill(token)
  await code.press('Enter')
  await expect(verdict).toHaveAttribute('data-kind', 'boarded')
  await expect(verdict).toContainText('It is being sent')
  await expect(driver.getByText('1 to send')).toBeVisible()
  expect((await api.get<Booking>(`/v1/bookings/${booking.id}`)).state).toBe('confirmed')

  await driver.context().setOffline(false)
  await expect(driver.getByText('1 to send')).toBeHidden({ timeout: 20_000 })
  expect((await api.get<Booking>(`/v1/bookings/${booking.id}`)).state).toBe('boarded')
  await expect(item).toHaveAttribute('data-state', 'boarded')
  await driver.context().close()
})
