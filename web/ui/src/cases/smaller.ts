/** What the API takes of one file. */
export const most = 2 << 20
const side = 2_000 // pixels: enough to read a receipt

/** A phone's photo is larger than what is taken: it is drawn again, smaller. Anything else, and what cannot be drawn, stays as it is. */
export async function smaller(file: File): Promise<File> {
  if (file.size <= most || !file.type.startsWith('image/')) return file
  try {
    const image = await createImageBitmap(file)
    const by = Math.min(1, side / Math.max(image.width, image.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(image.width * by)
    canvas.height = Math.round(image.height * by)
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    image.close()
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.85))
    return blob ? new File([blob], file.name.replace(/\.\w+$/, '') + '.jpg', { type: 'image/jpeg' }) : file
  } catch {
    return file
  }
}

/** By its name alone; the server looks into the file. */
export const allowed = (file: File) => file.type === 'application/pdf' || file.type === 'image/png' || file.type === 'image/jpeg'
