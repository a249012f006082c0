package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
)

// Request is a request with a body that client-go has sent, and the code of the answer.
type Request struct {
	Step        string `json:"step"`
	Method      string `json:"method"`
	Path        string `json:"path"`
	ContentType string `json:"contentType"`
	Body        []byte `json:"body"`
	Code        int    `json:"code"`
}

// recorder keeps each request with a body that passes, with the step it belongs to.
type recorder struct {
	next     http.RoundTripper
	step     *string
	requests []Request
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body == nil {
		return r.next.RoundTrip(request)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	response, err := r.next.RoundTrip(request)
	if err == nil && len(body) > 0 {
		r.requests = append(r.requests, Request{
			Step:        *r.step,
			Method:      request.Method,
			Path:        request.URL.RequestURI(),
			ContentType: request.Header.Get("Content-Type"),
			Body:        body,
			Code:        response.StatusCode,
		})
	}
	return response, err
}

// write writes the requests to a file, a line for each, with their bodies in base64.
func (r *recorder) write(file string) error {
	var lines bytes.Buffer
	for index, request := range r.requests {
		line, err := json.Marshal(request)
		if err != nil {
			return err
		}
		lines.WriteString(map[bool]string{true: "[\n", false: ",\n"}[index == 0])
		lines.Write(line)
	}
	lines.WriteString("\n]\n")
	return os.WriteFile(file, lines.Bytes(), 0o644)
}
