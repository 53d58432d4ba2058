package main

import "github.com/waymeet/waymeet/store/storetest"
