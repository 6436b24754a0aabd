# docker buildx bake --file deploy/bake.hcl            all images, into the local store
# REGISTRY=registry.example TAG=1.2.3 docker buildx bake --file deploy/bake.hcl --push      and to a registry

variable "REGISTRY" { default = "" }
variable "TAG" { default = "0.1.0" }

group "default" {
  targets = ["images"]
}

target "images" {
  name       = image
  matrix     = { image = ["analytics", "campaign", "enrollment", "gateway", "messaging", "operator", "stamping", "wallet-pass", "pgbouncer", "backup"] }
  context    = "."
  dockerfile = "deploy/Dockerfile"
  target     = image
  tags       = ["${REGISTRY == "" ? "" : "${REGISTRY}/"}sello-${image}:${TAG}"]
  # Beside the bill of materials inside the image: what the packages below it are, and how it was made. The local store of Docker
  # keeps no such papers.
  attest = REGISTRY == "" ? [] : ["type=sbom", "type=provenance,mode=max"]
}
