package realtime

import "net/http"

// WriteHeader answers a version that is not spoken with 426, beside the one that is, where the library says 400.
func (u *upgrade) WriteHeader(status int) {
	if status == http.StatusBadRequest && u.Header().Get("Sec-WebSocket-Version") != "" {
		status = http.StatusUpgradeRequired
	}
	u.ResponseWriter.WriteHeader(status)
}
