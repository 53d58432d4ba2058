package web

import (
	"encoding/json"
	"net/http"
)

const openAPIPath = "/v1/openapi.json"

// OpenAPI is the document, as `waymeet openapi` prints it and /v1/openapi.json serves it.
func (s *Server) OpenAPI() ([]byte, error) {
	return json.MarshalIndent(s.api.Document(), "", "  ")
}

func (s *Server) openAPI(w http.ResponseWriter, r *http.Request) {
	doc, err := s.OpenAPI()
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(doc)
}
