package main

//go:embed docs/go.md
var a string
