// What a put promises: every byte, the first writer's, or nothing.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "conformance/blob_store/blob_store_cases.h"
#include "conformance/blob_store/blob_store_probes.h"

namespace seshat::conformance {
namespace {

constexpr uint64_t kSizes[] = {0, 1, 65'535, 65'536, 65'537, 8 * 1024 * 1024 + 1};
// One that stores may put in one request or batch, and one that they cannot.
constexpr uint64_t kSmallAndLarge[] = {1000, 8 * 1024 * 1024 + 1};

PutRequest Request(const BlobKey& key, std::shared_ptr<BlobSource> body, PutJournal* journal = nullptr) {
  return {.key = key, .body = std::move(body), .journal = journal};
}

void RoundTripsEverySize(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  for (const uint64_t size : kSizes) {
    const BlobKey key = Key("s/raw/" + std::to_string(size));
    const std::string bytes = Pattern(size);
    EXPECT_EQ(CodeOf(PutOne(*store, Request(key, SourceFromBytes(bytes)))), "ok") << size;
    EXPECT_TRUE(ReadBack(*store, key) == bytes) << size;
    const auto info = store->Stat(key);
    ASSERT_EQ(CodeOf(info), "ok") << size;
    EXPECT_EQ(info->size, size);
    EXPECT_EQ(info->key, key.value());
  }
}

void TellsDigestAndSize(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  for (const uint64_t size : kSizes) {
    for (const bool known : {false, true}) {
      const std::string bytes = Pattern(size);
      PutRequest request = Request(Key(fmt::format("{}-{}", size, known)), SourceFromBytes(bytes));
      const Sha256 digest = Sha256::Of(AsBytes(bytes));
      if (known) request.sha256 = digest;
      const auto outcome = PutOne(*store, std::move(request));
      ASSERT_EQ(CodeOf(outcome), "ok") << size;
      EXPECT_EQ(outcome->sha256.ToHex(), digest.ToHex());
      EXPECT_EQ(outcome->size, size);
    }
  }
}

void KeepsTheFirstObject(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  for (const uint64_t size : kSmallAndLarge) {
    const BlobKey key = Key(std::to_string(size));
    const std::string first = Pattern(size, 1);
    ASSERT_EQ(CodeOf(PutOne(*store, Request(key, SourceFromBytes(first)))), "ok");
    EXPECT_EQ(CodeOf(PutOne(*store, Request(key, SourceFromBytes(Pattern(size, 2))))), "already_exists");
    EXPECT_EQ(CodeOf(PutOne(*store, Request(key, SourceFromBytes(first)))), "already_exists");
    ProbeJournal journal;
    EXPECT_EQ(CodeOf(PutOne(*store, Request(key, SourceFromBytes("other"), &journal))), "already_exists");
    EXPECT_TRUE(ReadBack(*store, key) == first);
  }
}

void RefusesAWrongDigest(BlobStoreHarness& h) {
  if (!h.computes_sha256()) GTEST_SKIP() << "this store relies on the caller's digest";
  const auto store = h.Open(BlobAccess::kReadWrite);
  for (const uint64_t size : kSmallAndLarge) {
    const BlobKey key = Key(std::to_string(size));
    PutRequest request = Request(key, SourceFromBytes(Pattern(size)));
    request.sha256 = Sha256::Of(AsBytes("something else"));
    EXPECT_EQ(CodeOf(PutOne(*store, std::move(request))), "data_loss");
    EXPECT_EQ(ReadBack(*store, key), "<not_found>");
  }
  EXPECT_EQ(Keys(*store), std::vector<std::string>{});
}

void StoresNothingWhenTheSourceChanged(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  for (const uint64_t size : kSmallAndLarge) {
    for (const bool resumable : {false, true}) {
      const BlobKey key = Key(fmt::format("{}-{}", size, resumable));
      const auto body = std::make_shared<ProbeSource>(Pattern(size));
      body->on_check = [] { return Fail(ErrorCode::kSourceChanged, "another size than before"); };
      ProbeJournal journal;
      EXPECT_EQ(CodeOf(PutOne(*store, Request(key, body, resumable ? &journal : nullptr))), "source_changed");
      EXPECT_EQ(ReadBack(*store, key), "<not_found>");
      EXPECT_EQ(CodeOf(store->Stat(key)), "not_found");
      EXPECT_EQ(Keys(*store), std::vector<std::string>{});
    }
  }
  // Nothing stands in the way of the next attempt.
  EXPECT_EQ(CodeOf(PutBytes(*store, Key("1000-false"), "new")), "ok");
}

void AnswersTheErrorOfTheSource(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  const auto body = std::make_shared<ProbeSource>("abc");
  body->on_check = [] { return Fail(ErrorCode::kPermissionDenied, "the source is not readable any more"); };
  const auto outcome = PutOne(*store, Request(Key("k"), body));
  ASSERT_EQ(CodeOf(outcome), "permission_denied");
  EXPECT_NE(outcome.error().message.find("not readable any more"), std::string::npos);
  EXPECT_EQ(ReadBack(*store, Key("k")), "<not_found>");
}

void StoresNothingWhenTheSourceIsShorter(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  for (const uint64_t size : kSmallAndLarge) {
    const BlobKey key = Key(std::to_string(size));
    const auto body = std::make_shared<ProbeSource>(Pattern(size));
    body->claimed_size = size + 1;
    EXPECT_EQ(CodeOf(PutOne(*store, Request(key, body))), "source_changed");
    EXPECT_EQ(ReadBack(*store, key), "<not_found>");
  }
  EXPECT_EQ(Keys(*store), std::vector<std::string>{});
}

void ChecksTheSourceAfterItsLastByte(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  const auto reader = h.Open(BlobAccess::kReadWrite);
  for (const uint64_t size : kSmallAndLarge) {
    const BlobKey key = Key(std::to_string(size));
    const auto body = std::make_shared<ProbeSource>(Pattern(size));
    bool all_read = false;
    std::string seen;
    body->on_check = [&]() -> Status {
      all_read = body->all_read();
      seen = CodeOf(reader->Stat(key));
      return {};
    };
    EXPECT_EQ(CodeOf(PutOne(*store, Request(key, body))), "ok");
    EXPECT_GE(body->checks(), 1);
    EXPECT_TRUE(all_read) << "checked before the last byte was read";
    EXPECT_EQ(seen, "not_found") << "visible before the check";
    EXPECT_FALSE(body->read_twice()) << "the second reading may differ from the first";
  }
}

void OneWriterWins(BlobStoreHarness& h) {
  constexpr int kWriters = 4;
  constexpr int kKeys = 25;
  std::vector<std::unique_ptr<BlobStore>> stores;
  for (int i = 0; i < kWriters; ++i) stores.push_back(h.Open(BlobAccess::kReadWrite));
  std::vector<std::vector<std::string>> codes(kWriters, std::vector<std::string>(kKeys));
  {
    std::mutex turn;
    std::vector<std::jthread> threads;
    for (int w = 0; w < kWriters; ++w) {
      threads.emplace_back([&, w] {
        for (int k = 0; k < kKeys; ++k) {
          std::unique_lock mine(turn, std::defer_lock);
          if (!h.decides_races()) mine.lock();
          codes[w][k] = CodeOf(PutBytes(*stores[w], Key(fmt::format("race/{}", k)), fmt::format("writer {}", w)));
        }
      });
    }
  }
  for (int k = 0; k < kKeys; ++k) {
    int winners = 0;
    for (int w = 0; w < kWriters; ++w) {
      if (codes[w][k] == "ok") {
        ++winners;
        EXPECT_EQ(ReadBack(*stores[0], Key(fmt::format("race/{}", k))), fmt::format("writer {}", w));
      } else {
        EXPECT_EQ(codes[w][k], "already_exists");
      }
    }
    EXPECT_EQ(winners, 1) << "for key " << k;
  }
}

void KeepsObjectsAcrossARestart(BlobStoreHarness& h) {
  const std::string bytes = Pattern(100'000);
  ASSERT_EQ(CodeOf(PutBytes(*h.Open(BlobAccess::kReadWrite), Key("s/raw/a"), bytes)), "ok");
  EXPECT_TRUE(ReadBack(*h.Open(BlobAccess::kReadWrite), Key("s/raw/a")) == bytes);
}

void RefusesAnOversizedBodyUnread(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  const uint64_t most = store->capabilities().max_object_bytes;
  if (most == UINT64_MAX) GTEST_SKIP() << "this store holds any size";
  const auto body = std::make_shared<ProbeSource>(Pattern(std::min<uint64_t>(most + 1, 1000)));
  body->claimed_size = most + 1;
  EXPECT_EQ(CodeOf(PutOne(*store, Request(Key("k"), body))), "invalid_argument");
  EXPECT_EQ(ReadBack(*store, Key("k")), "<not_found>");
}

constexpr BlobStoreCase kCases[] = {
    {"RoundTripsEverySize", RoundTripsEverySize},
    {"TellsDigestAndSize", TellsDigestAndSize},
    {"KeepsTheFirstObject", KeepsTheFirstObject},
    {"RefusesAWrongDigest", RefusesAWrongDigest},
    {"StoresNothingWhenTheSourceChanged", StoresNothingWhenTheSourceChanged},
    {"AnswersTheErrorOfTheSource", AnswersTheErrorOfTheSource},
    {"StoresNothingWhenTheSourceIsShorter", StoresNothingWhenTheSourceIsShorter},
    {"ChecksTheSourceAfterItsLastByte", ChecksTheSourceAfterItsLastByte},
    {"OneWriterWins", OneWriterWins},
    {"KeepsObjectsAcrossARestart", KeepsObjectsAcrossARestart},
    {"RefusesAnOversizedBodyUnread", RefusesAnOversizedBodyUnread},
};

}  // namespace

std::span<const BlobStoreCase> BlobPutCases() { return kCases; }

}  // namespace seshat::conformance
