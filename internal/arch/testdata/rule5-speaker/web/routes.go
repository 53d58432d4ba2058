package web

import (
	"github.com/cedar-policy/cedar-go"
	"github.com/coder/websocket"
	"github.com/golang-jwt/jwt/v5"
	"github.com/riverqueue/river"
	"github.com/stripe/stripe-go/v76"
)
