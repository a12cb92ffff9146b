#include "core/digest/sha256.h"

#include <algorithm>

#include "core/base/hex.h"

namespace seshat::digest {
namespace {

void Advance(std::span<const Sha256Lane> lanes, size_t blocks) {
  static const auto advance = Sha256Engines().back().advance;
  if (blocks > 0) advance(lanes, blocks);
}

// What stands behind the last whole block of a message, and its end (FIPS 180-4, section 5.1.1): a one, zeros, and the
// length in bits, most significant byte first.
class Tail {
 public:
  Tail(ByteSpan rest, uint64_t bytes) {
    std::ranges::copy(rest, data_.begin());
    data_[rest.size()] = std::byte{0x80};
    blocks_ = rest.size() + 1 + sizeof bytes <= kSha256BlockBytes ? 1 : 2;
    for (size_t i = 0; i < sizeof bytes; ++i)
      data_[blocks_ * kSha256BlockBytes - 1 - i] = static_cast<std::byte>(bytes * 8 >> (8 * i));
  }
  const std::byte* data() const { return data_.data(); }
  size_t blocks() const { return blocks_; }

 private:
  std::array<std::byte, 2 * kSha256BlockBytes> data_{};
  size_t blocks_ = 0;
};

Sha256 DigestOf(const Sha256Words& words) {
  Sha256 digest;
  for (size_t i = 0; i < digest.bytes.size(); ++i)
    digest.bytes[i] = static_cast<std::byte>(words[i / 4] >> (24 - 8 * (i % 4)));
  return digest;
}

// A message of OfEach: its whole blocks, then its tail.
class Message {
 public:
  Message(ByteSpan message, Sha256& digest)
      : digest_(&digest),
        data_(message.data()),
        blocks_(message.size() / kSha256BlockBytes),
        tail_(message.last(message.size() % kSha256BlockBytes), message.size()) {
    if (blocks_ == 0) BeginTail();
  }
  Sha256Lane lane() { return {&words_, (in_tail_ ? tail_.data() : data_) + done_}; }
  size_t blocks() const { return blocks_; }
  void Pass(size_t blocks) {
    done_ += blocks * kSha256BlockBytes;
    blocks_ -= blocks;
    if (blocks_ > 0) return;
    if (in_tail_)
      *digest_ = DigestOf(words_);
    else
      BeginTail();
  }

 private:
  void BeginTail() {
    in_tail_ = true;
    done_ = 0;
    blocks_ = tail_.blocks();
  }

  Sha256* digest_;
  Sha256Words words_ = kSha256Start;
  const std::byte* data_;
  size_t done_ = 0;    // bytes of the data, or of the tail
  size_t blocks_ = 0;  // still to come of it; none: the digest is written
  bool in_tail_ = false;
  Tail tail_;
};

}  // namespace

void Sha256Hasher::UpdateAll(std::span<Sha256Hasher* const> hashers, ByteSpan data) {
  const size_t held = hashers[0]->held();
  std::array<Sha256Lane, kSha256MostLanes> all;
  const std::span<Sha256Lane> lanes(all.data(), hashers.size());
  for (Sha256Hasher* hasher : hashers) hasher->bytes_ += data.size();
  if (held > 0) {
    const ByteSpan more = data.first(std::min(kSha256BlockBytes - held, data.size()));
    for (Sha256Hasher* hasher : hashers) std::ranges::copy(more, hasher->rest_.begin() + static_cast<ptrdiff_t>(held));
    if (held + more.size() < kSha256BlockBytes) return;
    for (size_t i = 0; i < lanes.size(); ++i) lanes[i] = {&hashers[i]->words_, hashers[i]->rest_.data()};
    Advance(lanes, 1);
    data = data.subspan(more.size());
  }
  for (size_t i = 0; i < lanes.size(); ++i) lanes[i] = {&hashers[i]->words_, data.data()};
  Advance(lanes, data.size() / kSha256BlockBytes);
  const ByteSpan rest = data.last(data.size() % kSha256BlockBytes);
  for (Sha256Hasher* hasher : hashers) std::ranges::copy(rest, hasher->rest_.begin());
}

void Sha256Hasher::Update(ByteSpan data) {
  Sha256Hasher* const self = this;
  UpdateAll({&self, 1}, data);
}

void Sha256Hasher::UpdateBoth(Sha256Hasher& a, Sha256Hasher& b, ByteSpan data) {
  if (a.held() == b.held()) {
    const std::array both = {&a, &b};
    UpdateAll(both, data);
  } else {
    a.Update(data);
    b.Update(data);
  }
}

Sha256 Sha256Hasher::Finish() {
  const Tail tail(ByteSpan(rest_).first(held()), bytes_);
  const Sha256Lane lane{&words_, tail.data()};
  Advance({&lane, 1}, tail.blocks());
  return DigestOf(words_);
}

Sha256 Sha256::Of(ByteSpan data) {
  Sha256Hasher hasher;
  hasher.Update(data);
  return hasher.Finish();
}

std::vector<Sha256> Sha256::OfEach(std::span<const ByteSpan> messages) {
  std::vector<Sha256> digests(messages.size());
  std::vector<Message> running;
  running.reserve(kSha256MostLanes);
  std::array<Sha256Lane, kSha256MostLanes> lanes;
  for (size_t next = 0;;) {
    for (; running.size() < lanes.size() && next < messages.size(); ++next)
      running.emplace_back(messages[next], digests[next]);
    if (running.empty()) return digests;
    std::ranges::transform(running, lanes.begin(), &Message::lane);
    const size_t blocks = std::ranges::min(running, {}, &Message::blocks).blocks();
    Advance(std::span(lanes).first(running.size()), blocks);
    for (Message& message : running) message.Pass(blocks);
    std::erase_if(running, [](const Message& message) { return message.blocks() == 0; });
  }
}

std::string Sha256::ToHex() const { return HexEncode(bytes); }

Result<Sha256> Sha256::FromHex(std::string_view text) {
  Sha256 digest;
  if (text.size() != 64 || !HexDecode(text, digest.bytes))
    return Fail(ErrorCode::kInvalidArgument, "a SHA-256 is 64 hexadecimal digits");
  return digest;
}

}  // namespace seshat::digest
