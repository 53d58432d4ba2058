package realtime

import "net/http"

// WriteHeader is websocket.Accept's.
func (u *upgrade) WriteHeader(status int) {
	u.ResponseWriter.WriteHeader(unspoken(status, u.Header()))
}

// unspoken answers a version that is not spoken with 426, beside the one that is, where the library says 400.
func unspoken(status int, header http.Header) int {
	if status == http.StatusBadRequest && header.Get("Sec-WebSocket-Version") != "" {
		return http.StatusUpgradeRequired
	}
	return status
}
