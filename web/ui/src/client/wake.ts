import { useCallback, useEffect, useState } from 'react'
import type { Http } from '../api/http'
import { useAction } from '../app/action'
import { useHttp } from '../app/context'
import { currentLocale } from '../i18n'

const able = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window

/** Whether this browser may be woken for us when no page of ours is open: asked of its owner only when they press. */
export function useWake() {
  const http = useHttp()
  const [on, setOn] = useState(false)
  useEffect(() => {
    if (!able) return
    let gone = false
    void navigator.serviceWorker.getRegistration('/').then(async (r) => {
      const s = await r?.pushManager.getSubscription()
      if (s && !gone) {
        setOn(true)
        await keep(http, s).catch(() => undefined) // whoever is signed in here now
      }
    })
    return () => {
      gone = true
    }
  }, [http])
  const turn = useAction(
    useCallback(
      async (want: boolean) => {
        if (!want) {
          const s = await (await navigator.serviceWorker.getRegistration('/'))?.pushManager.getSubscription()
          if (s) {
            await http.post('/v1/me/push/remove', { body: { endpoint: s.endpoint } })
            await s.unsubscribe()
          }
          setOn(false)
          return true
        }
        if ((await Notification.requestPermission()) !== 'granted') return false
        const { key } = await http.get<{ key: string }>('/v1/me/push')
        await navigator.serviceWorker.register('/push.js', { scope: '/' })
        const r = await navigator.serviceWorker.ready
        const s = await r.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
        await keep(http, s)
        setOn(true)
        return true
      },
      [http],
    ),
  )
  return { able, on, turn: turn.act, busy: turn.busy, error: turn.error }
}

async function keep(http: Http, s: PushSubscription) {
  const { endpoint, keys } = s.toJSON()
  await http.put('/v1/me/push', { body: { endpoint, p256dh: keys?.['p256dh'], auth: keys?.['auth'], locale: currentLocale() } })
}
