// The checksum engines beside the best that there is for this processor: row 7 of the targets.
//
//   bench_checksum
//
// SHA-256 beside OpenSSL's, which has SHA-NI: one message, two hashers over the same bytes (a part of an upload and the
// whole file), many messages side by side (small files). CRC64NVME beside reading the same bytes: nothing can sum them
// faster. Buffers of 256 KiB, as the uploads use; they stay in the second-level cache.
#include <fmt/format.h>
#include <immintrin.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "bench_process.h"
#include "core/digest/crc64nvme.h"
#include "core/digest/sha256.h"

namespace seshat::bench {
namespace {

constexpr size_t kBytes = 256 << 10;
constexpr int kRounds = 9;

// GB/s of the faster of three turns, so that one interruption is not what is compared.
double Speed(double bytes, int repeats, const std::function<void()>& work) {
  double best = 0;
  for (int turn = 0; turn < 3; ++turn) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < repeats; ++i) work();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    best = std::max(best, bytes * repeats / took.count() / 1e9);
  }
  return best;
}

void Compare(std::string_view workload, double bytes, int repeats, std::string_view target, std::string_view notes,
             const std::function<void()>& ours, const std::function<void()>& other) {
  Comparison comparison;
  for (int round = 0; round < kRounds; ++round) {
    const double our_speed = Speed(bytes, repeats, ours);
    comparison.Add(our_speed, Speed(bytes, repeats, other));
  }
  comparison.PrintRow(workload, "GB/s", target, notes);
}

volatile uint64_t kept;  // so that no result is optimised away

void ByOpenSsl(ByteSpan data) {
  std::array<unsigned char, 32> out;
  if (EVP_Digest(data.data(), data.size(), out.data(), nullptr, EVP_sha256(), nullptr) == 1) kept = out[0];
}

void Keep(const Sha256& digest) { kept = std::to_integer<uint64_t>(digest.bytes[0]); }

#if defined(__x86_64__)
[[gnu::target("avx512f")]] void ReadWide(ByteSpan data) {
  __m512i sums[4] = {};
  for (size_t at = 0; at + 256 <= data.size(); at += 256)
    for (size_t i = 0; i < 4; ++i) sums[i] = _mm512_xor_si512(sums[i], _mm512_loadu_si512(data.data() + at + 64 * i));
  std::array<uint64_t, 32> words;
  std::memcpy(words.data(), sums, sizeof sums);
  for (const uint64_t word : words) kept = kept ^ word;
  _mm256_zeroupper();
}
#endif

int Main() {
  std::vector<std::string> contents(8);
  uint64_t state = 1;
  for (std::string& content : contents) {
    content.resize(kBytes);
    for (char& c : content) c = static_cast<char>((state = state * 6364136223846793005U + 1) >> 56);
  }
  std::vector<ByteSpan> messages;
  for (const std::string& content : contents) messages.push_back(AsBytes(content));
  const ByteSpan one = messages[0];

  Compare(
      "7 SHA-256 of one message, beside OpenSSL", kBytes, 40, "≥ 0.95",
      fmt::format("engine {}", digest::Sha256Engines().back().name), [one] { Keep(Sha256::Of(one)); },
      [one] { ByOpenSsl(one); });
  Compare(
      "7 two SHA-256 of the same bytes, beside OpenSSL twice", 2.0 * kBytes, 20, "", "a part and its file",
      [one] {
        Sha256Hasher a;
        Sha256Hasher b;
        Sha256Hasher::UpdateBoth(a, b, one);
        Keep(a.Finish());
        Keep(b.Finish());
      },
      [one] {
        ByOpenSsl(one);
        ByOpenSsl(one);
      });
  Compare(
      "7 SHA-256 of 8 messages, beside OpenSSL", 8.0 * kBytes, 5, "", "small files, four at a time",
      [&messages] { Keep(Sha256::OfEach(messages)[0]); },
      [&messages] {
        for (const ByteSpan message : messages) ByOpenSsl(message);
      });
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") != 0)
    Compare(
        "7 CRC64NVME, beside reading", kBytes, 400, "", fmt::format("engine {}", digest::Crc64Engines().back().name),
        [one] { kept = digest::Crc64Nvme(one); }, [one] { ReadWide(one); });
#endif
  return 0;
}

}  // namespace
}  // namespace seshat::bench

int main() { return seshat::bench::Main(); }
