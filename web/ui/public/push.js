// Wakes somebody who looks at no page of ours. A message says what it is about and which page to open, nothing of anybody; what is over is not shown.
const words = {
  en: { ring: ['Somebody asks for you', 'Open to take it before the time is over.'], turn: ['Your expert is there', 'Open to talk.'], call: ['It is your turn', 'Open, and we ring an expert for you.'], dispute: ['Your bank takes a payment back', 'Open your wallet to see what it means.'], decided: ['Your bank has decided', 'Open your wallet to see what it decided.'], fund: ['Your appointment is not paid for', 'Open to keep it.'] },
  fr: { ring: ['On vous demande', 'Ouvrez pour répondre à temps.'], turn: ['Votre expert est là', 'Ouvrez pour parler.'], call: ['C’est votre tour', 'Ouvrez, et nous appelons un expert.'], dispute: ['Votre banque reprend un paiement', 'Ouvrez votre portefeuille pour savoir ce que cela signifie.'], decided: ['Votre banque a tranché', 'Ouvrez votre portefeuille pour voir sa décision.'], fund: ['Votre rendez-vous n’est pas payé', 'Ouvrez pour le garder.'] },
  ar: { ring: ['هناك من يطلبك', 'افتح للرد قبل انتهاء الوقت.'], turn: ['خبيرك جاهز', 'افتح لبدء المحادثة.'], call: ['حان دورك', 'افتح وسنستدعي خبيرًا لك.'], dispute: ['مصرفك يسترد دفعة', 'افتح محفظتك لمعرفة ما يعنيه ذلك.'], decided: ['اتخذ مصرفك قراره', 'افتح محفظتك لمعرفة القرار.'], fund: ['موعدك غير مدفوع', 'افتح للاحتفاظ به.'] },
}

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (e) => e.waitUntil(self.clients.claim()))

self.addEventListener('push', (e) => {
  e.waitUntil(
    (async () => {
      let m = {}
      try {
        m = e.data.json()
      } catch {
        // told nothing: something is shown all the same, as browsers want it
      }
      const lang = words[m.locale] ? m.locale : 'en'
      const [title, body] = words[lang][m.what] ?? words[lang].ring
      const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
      if (pages.some((p) => p.visibilityState === 'visible' && p.focused)) return // they see and hear it there
      await self.registration.showNotification(title, {
        body,
        tag: m.tag,
        lang,
        dir: lang === 'ar' ? 'rtl' : 'ltr',
        icon: '/mark.svg',
        requireInteraction: true,
        vibrate: [300, 150, 300, 150, 300],
        data: { path: typeof m.path === 'string' && /^\/[a-z]/.test(m.path) ? m.path : '/' },
      })
    })(),
  )
})

self.addEventListener('notificationclick', (e) => {
  e.notification.close()
  const { path } = e.notification.data
  e.waitUntil(
    (async () => {
      const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
      const page = pages[0]
      if (!page) return self.clients.openWindow(path)
      await page.focus()
      if (new URL(page.url).pathname !== path) await page.navigate(path).catch(() => self.clients.openWindow(path))
    })(),
  )
})
