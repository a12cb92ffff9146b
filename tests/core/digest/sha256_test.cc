#include "core/digest/sha256.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace seshat::digest {
namespace {

Sha256 ByOpenSsl(std::string_view text) {
  Sha256 digest;
  auto* out = reinterpret_cast<unsigned char*>(digest.bytes.data());
  if (EVP_Digest(text.data(), text.size(), out, nullptr, EVP_sha256(), nullptr) != 1) ADD_FAILURE();
  return digest;
}

// Bytes without a pattern, from a number that RapidCheck can print and shrink.
std::string Noise(size_t length, uint64_t seed) {
  std::string out(length, '\0');
  for (char& c : out) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    c = static_cast<char>(seed >> 56);
  }
  return out;
}

// Around the edges of one block and of the room for the length in the last one, and a few blocks.
rc::Gen<size_t> AnyLength() {
  return rc::gen::oneOf(rc::gen::inRange<size_t>(0, 300), rc::gen::element<size_t>(55, 56, 63, 64, 119, 120, 128),
                        rc::gen::inRange<size_t>(300, 20'000));
}

struct Published {
  std::string message;
  const char* digest;
};

// NIST's examples for FIPS 180-4, the empty message, and the million times "a".
std::vector<Published> AllPublished() {
  return {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
       "nopqrstu",
       "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
      {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
}

TEST(Sha256, GivesThePublishedDigests) {
  for (const auto& [message, digest] : AllPublished())
    EXPECT_EQ(Sha256::Of(AsBytes(message)).ToHex(), digest) << message.size();
}

TEST(Sha256, GivesThePublishedDigestsSideBySide) {
  const auto published = AllPublished();
  std::vector<ByteSpan> messages;
  for (const auto& [message, digest] : published) messages.push_back(AsBytes(message));
  const auto digests = Sha256::OfEach(messages);
  ASSERT_EQ(digests.size(), published.size());
  for (size_t i = 0; i < published.size(); ++i) EXPECT_EQ(digests[i].ToHex(), published[i].digest);
}

TEST(Sha256, EveryLengthUpToSixBlocks) {
  const std::string noise = Noise(384, 1);
  std::vector<ByteSpan> messages;
  for (size_t length = 0; length <= noise.size(); ++length) messages.push_back(AsBytes(noise).first(length));
  const auto digests = Sha256::OfEach(messages);
  for (size_t length = 0; length <= noise.size(); ++length) {
    const Sha256 expected = ByOpenSsl(AsText(messages[length]));
    EXPECT_EQ(Sha256::Of(messages[length]), expected) << length;
    EXPECT_EQ(digests[length], expected) << length;
  }
}

RC_GTEST_PROP(Sha256Property, PiecesGiveTheDigestOfTheWhole, ()) {
  const auto lengths = *rc::gen::container<std::vector<size_t>>(AnyLength());
  std::string whole;
  Sha256Hasher hasher;
  for (const size_t length : lengths) {
    const std::string piece = Noise(length, whole.size());
    hasher.Update(AsBytes(piece));
    whole += piece;
  }
  const auto digest = hasher.Finish();
  RC_ASSERT(digest == ByOpenSsl(whole));
  RC_ASSERT(digest == Sha256::Of(AsBytes(whole)));
  RC_ASSERT(Sha256::FromHex(digest.ToHex()).value() == digest);
}

RC_GTEST_PROP(Sha256Property, TwoHashersTakeTheSameBytesTogether, ()) {
  // Before that each has its own: where the numbers agree modulo 64, they go side by side.
  const auto first = *AnyLength();
  const auto second = *rc::gen::oneOf(
      AnyLength(), rc::gen::map(rc::gen::inRange<size_t>(0, 9), [first](size_t n) { return first % 64 + 64 * n; }));
  std::string of_a = Noise(first, 1);
  std::string of_b = Noise(second, 2);
  Sha256Hasher a;
  Sha256Hasher b;
  a.Update(AsBytes(of_a));
  b.Update(AsBytes(of_b));
  for (const size_t length : *rc::gen::container<std::vector<size_t>>(AnyLength())) {
    const std::string piece = Noise(length, of_a.size());
    Sha256Hasher::UpdateBoth(a, b, AsBytes(piece));
    of_a += piece;
    of_b += piece;
  }
  RC_ASSERT(a.Finish() == ByOpenSsl(of_a));
  RC_ASSERT(b.Finish() == ByOpenSsl(of_b));
}

RC_GTEST_PROP(Sha256Property, ManyMessagesSideBySide, ()) {
  const auto lengths = *rc::gen::container<std::vector<size_t>>(AnyLength());
  std::vector<std::string> texts;
  std::vector<ByteSpan> messages;
  for (const size_t length : lengths) texts.push_back(Noise(length, texts.size()));
  for (const auto& text : texts) messages.push_back(AsBytes(text));
  const auto digests = Sha256::OfEach(messages);
  RC_ASSERT(digests.size() == messages.size());
  for (size_t i = 0; i < texts.size(); ++i) RC_ASSERT(digests[i] == ByOpenSsl(texts[i]));
}

TEST(Sha256, ACopyGoesOnByItself) {
  Sha256Hasher hasher;
  hasher.Update(AsBytes("ab"));
  Sha256Hasher copy = hasher;
  hasher.Update(AsBytes("c"));
  copy.Update(AsBytes("d"));
  EXPECT_EQ(hasher.Finish(), ByOpenSsl("abc"));
  EXPECT_EQ(copy.Finish(), ByOpenSsl("abd"));
}

TEST(Sha256Engine, EveryEngineIsTriedAndOpenSslIsAlwaysThere) {
  ASSERT_FALSE(Sha256Engines().empty());
  EXPECT_STREQ(Sha256Engines().front().name, "OpenSSL");
}

// The words after whole blocks are the digest of a message that ends so: the blocks hold the end, too.
RC_GTEST_PROP(Sha256EngineProperty, EveryEngineFollowsTheDefinitionInEveryLane, ()) {
  const auto lanes = *rc::gen::inRange<size_t>(1, kSha256MostLanes + 1);
  const auto blocks = *rc::gen::inRange<size_t>(0, 300);
  const auto shift = *rc::gen::inRange<size_t>(0, 64);
  const auto shared = *rc::gen::arbitrary<bool>();
  const auto cut = *rc::gen::inRange<size_t>(0, blocks + 1);
  std::vector<std::string> data(lanes);
  for (size_t i = 0; i < lanes; ++i) data[i] = Noise(shift + blocks * kSha256BlockBytes, shared ? 0 : i);
  for (const Sha256Engine& engine : Sha256Engines()) {
    std::vector<Sha256Words> words(lanes, kSha256Start);
    std::vector<Sha256Lane> at(lanes);
    for (size_t i = 0; i < lanes; ++i) at[i] = {&words[i], AsBytes(data[shared ? 0 : i]).data() + shift};
    engine.advance(at, cut);
    for (Sha256Lane& lane : at) lane.data += cut * kSha256BlockBytes;
    engine.advance(at, blocks - cut);
    // The end of a message of whole blocks is a block of its own.
    std::array<std::byte, kSha256BlockBytes> end{std::byte{0x80}};
    for (size_t i = 0; i < 8; ++i)
      end[63 - i] = static_cast<std::byte>(uint64_t{blocks} * kSha256BlockBytes * 8 >> (8 * i));
    for (Sha256Lane& lane : at) lane.data = end.data();
    engine.advance(at, 1);
    for (size_t i = 0; i < lanes; ++i) {
      const Sha256 expected = ByOpenSsl(std::string_view(data[i]).substr(shift));
      for (size_t byte = 0; byte < 32; ++byte)
        RC_ASSERT(std::to_integer<uint32_t>(expected.bytes[byte]) ==
                  (words[i][byte / 4] >> (24 - 8 * (byte % 4)) & 0xFF));
    }
  }
}

TEST(Sha256, RefusesWhatIsNoDigest) {
  EXPECT_FALSE(Sha256::FromHex(""));
  EXPECT_FALSE(Sha256::FromHex(std::string(63, '0')));
  EXPECT_FALSE(Sha256::FromHex(std::string(65, '0')));
  EXPECT_FALSE(Sha256::FromHex(std::string(63, '0') + "g"));
  EXPECT_TRUE(Sha256::FromHex(std::string(64, 'A')));
}

}  // namespace
}  // namespace seshat::digest
