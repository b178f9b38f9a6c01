target "app" {
  dockerfile-inline = <<-EOT
    FROM scratch
    COPY src/y /x
  EOT
}
target "heir" {
  inherits = ["app"]
}
