import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Empty } from '../design/feedback'
import { Sheet } from '../design/Sheet'
import { CodeForm } from './CodeForm'

type Detector = { detect(source: CanvasImageSource): Promise<{ rawValue: string }[]> }
type DetectorClass = { new (o: { formats: string[] }): Detector; getSupportedFormats(): Promise<string[]> }

/** The phone's own code reader where there is one; else one in JavaScript, fetched when it is first needed. */
async function reader(): Promise<(v: HTMLVideoElement) => Promise<string | null>> {
  const Native = (window as unknown as { BarcodeDetector?: DetectorClass }).BarcodeDetector
  if (Native && (await Native.getSupportedFormats()).includes('qr_code')) {
    const detector = new Native({ formats: ['qr_code'] })
    return async (v) => (await detector.detect(v))[0]?.rawValue ?? null
  }
  const { default: jsQR } = await import('jsqr')
  const canvas = document.createElement('canvas')
  const ctx = canvas.getContext('2d', { willReadFrequently: true })
  return (v) => {
    if (!ctx || v.videoWidth === 0) return Promise.resolve(null)
    const scale = Math.min(1, 640 / v.videoWidth)
    canvas.width = Math.round(v.videoWidth * scale)
    canvas.height = Math.round(v.videoHeight * scale)
    ctx.drawImage(v, 0, 0, canvas.width, canvas.height)
    const image = ctx.getImageData(0, 0, canvas.width, canvas.height)
    return Promise.resolve(jsQR(image.data, image.width, image.height)?.data ?? null)
  }
}

export function Scanner({ onRead, onClose }: { onRead: (text: string) => void; onClose: () => void }) {
  const { t } = useTranslation()
  const video = useRef<HTMLVideoElement>(null)
  const [failed, setFailed] = useState(false)
  const read = useRef(onRead)
  useEffect(() => {
    read.current = onRead
  }, [onRead])
  useEffect(() => {
    let over = false
    let stream: MediaStream | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const run = async () => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false })
      const v = video.current
      if (over || !v) return
      v.srcObject = stream
      await v.play()
      const look = await reader()
      const tick = async () => {
        if (over) return
        const text = await look(v).catch(() => null)
        if (over) return
        if (text) {
          over = true
          read.current(text)
        } else timer = setTimeout(() => void tick(), 150)
      }
      await tick()
    }
    run().catch(() => !over && setFailed(true))
    return () => {
      over = true
      clearTimeout(timer)
      stream?.getTracks().forEach((track) => track.stop())
    }
  }, [])
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('drive.scan')} place="full">
      {failed ? (
        <>
          <Empty icon="scan" title={t('drive.noCamera')}>
            {t('drive.noCameraHint')}
          </Empty>
          <CodeForm onCode={onRead} />
        </>
      ) : (
        <div className="relative mx-auto aspect-square w-full max-w-md overflow-hidden rounded-card bg-sunken">
          <video ref={video} muted playsInline className="size-full object-cover" aria-label={t('drive.camera')} />
          <span aria-hidden="true" className="absolute inset-[18%] rounded-card border-4 border-white/90 shadow-[0_0_0_100vmax_rgb(0_0_0/0.35)]" />
        </div>
      )}
    </Sheet>
  )
}
