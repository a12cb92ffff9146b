// An S3 that keeps nothing: the other end for benchmarks, on one thread. It takes objects and throws their bytes away,
// remembers names and sizes, and serves as many bytes as it took. No signature is checked; a checksum that a client
// sends is told back, and an ETag follows from Content-MD5 as that of S3 does.
//
//   emulated_s3 [--latency-ms N] [--bytes-per-second N] [--puts-per-second N] [--certificate PEM]
//               [--objects N --object-bytes N]
//
// emulation.h says what these mean; --certificate: TLS 1.3, with certificate and key from this file. Prints its port.
// GET /-/counts tells how many PUTs were accepted and refused. Ends with its standard input.
#include <chrono>
#include <cstdlib>
#include <string_view>

#include "s3/emulation.h"
#include "s3/request_head.h"
#include "s3/server.h"

int main(int argc, char** argv) {
  seshat::bench::Settings settings;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--latency-ms") settings.latency = std::chrono::milliseconds(seshat::bench::Number(argv[i + 1]));
    if (name == "--bytes-per-second") settings.bytes_per_second = std::strtod(argv[i + 1], nullptr);
    if (name == "--puts-per-second") settings.puts_per_second = std::strtod(argv[i + 1], nullptr);
    if (name == "--objects") settings.objects = seshat::bench::Number(argv[i + 1]);
    if (name == "--object-bytes") settings.object_bytes = seshat::bench::Number(argv[i + 1]);
    if (name == "--certificate") settings.certificate = argv[i + 1];
  }
  return seshat::bench::Server(settings).Run();
}
