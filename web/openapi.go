package web

import "encoding/json"

const openAPIPath = "/v1/openapi.json"

// OpenAPI is the document, as `waymeet openapi` prints it and /v1/openapi.json serves it.
func (s *Server) OpenAPI() ([]byte, error) {
	return json.MarshalIndent(s.api.Document(), "", "  ")
}

func (s *Server) openAPI() *file {
	doc, err := s.OpenAPI()
	if err != nil {
		panic(err) // the document and what is in it are ours
	}
	return newFile(doc, kindOf(openAPIPath))
}
