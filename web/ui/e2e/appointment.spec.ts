import { accessible, Api, expect, person, test, words } from './world'

const tenant = 'majlis'

// A client books a time instead of waiting now, moves it, and gives it up: on a phone, in a language that is read from the right, too.
for (const [lang, theme, phone] of [['en', 'light', false], ['ar', 'dark', true]] as const) {
  test(`a time is booked, moved and given up, ${lang}, ${theme}`, async ({ browser }) => {
    const say = words(lang)
    const client = await person(browser, 'client', { tenant, lang, theme, phone })
    await client.goto('/advice')
    await client.getByRole('button', { name: say.ask.next }).click()
    await client.getByRole('textbox').fill('60')
    await client.getByRole('button', { name: say.book.instead }).click()
    const times = client.getByTestId('times').getByRole('radio')
    await expect(times.nth(1)).toBeVisible()
    await client.getByRole('group', { name: say.book.pickDay }).getByRole('radio').nth(1).check() // tomorrow: nobody is short of time
    await times.nth(1).check()
    await accessible(client, 'a time is chosen')
    await client.getByRole('button', { name: new RegExp(`^${say.book.book.split('{{')[0]!.trim()}.*\\d`) }).click()
    await expect(client.getByText(say.book.state.booked, { exact: true })).toBeVisible()
    await accessible(client, 'an appointment')
    const id = new URL(client.url()).pathname.split('/').at(-1)
    const api = await Api.as('client', 0, tenant)
    const kept = () => api.get<{ due_at: string; state: string }>(`/v1/appointments/${id}`)
    const before = await kept()

    await client.getByRole('button', { name: say.book.move }).click()
    const sheet = client.getByRole('dialog')
    await sheet.getByRole('group', { name: say.book.pickDay }).getByRole('radio').nth(2).check()
    await sheet.getByTestId('times').getByRole('radio').nth(2).check()
    await accessible(client, 'another time')
    await sheet.getByRole('button').last().click()
    await expect(sheet).toBeHidden()
    await expect.poll(async () => Date.parse((await kept()).due_at)).toBeGreaterThan(Date.parse(before.due_at))
    await client.goto('/advice') // it is found again from where one asks
    await client.getByRole('link', { name: new RegExp(say.book.banner) }).click()
    await client.getByRole('button', { name: say.book.cancel }).click()
    await accessible(client, 'given up, sure')
    await client.getByRole('dialog').getByRole('button', { name: say.book.cancel }).click()
    await expect(client.getByText(say.book.gone)).toBeVisible()
    expect((await kept()).state).toBe('cancelled')
    expect(await client.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 'nothing sticks out').toBeLessThanOrEqual(0)
    await client.context().close()
  })
}
