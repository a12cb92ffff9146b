// Gets: whole objects, ranges, and what is not there.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "conformance/blob_store/blob_store_cases.h"
#include "conformance/blob_store/blob_store_probes.h"

namespace seshat::conformance {
namespace {

// The bytes of a range, or the error's code in angle brackets.
std::string Range(BlobStore& store, const BlobKey& key, uint64_t offset, std::optional<uint64_t> length) {
  auto sink = std::make_shared<MemorySink>(64 * 1024 * 1024);
  const auto got = GetOne(store, {.key = key, .offset = offset, .length = length, .sink = sink});
  return got ? sink->Take() : "<" + CodeOf(got) + ">";
}

void GetsRanges(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  const uint64_t size = 3 * 1024 * 1024 + 7;
  const std::string bytes = Pattern(size);
  ASSERT_EQ(CodeOf(PutBytes(*store, Key("k"), bytes)), "ok");
  for (const uint64_t offset : {uint64_t{0}, uint64_t{1}, uint64_t{1024 * 1024}, size - 1, size}) {
    EXPECT_TRUE(Range(*store, Key("k"), offset, std::nullopt) == bytes.substr(offset)) << offset;
    for (const uint64_t length : {uint64_t{0}, uint64_t{1}, uint64_t{1024 * 1024 + 1}, size, UINT64_MAX})
      EXPECT_TRUE(Range(*store, Key("k"), offset, length) == bytes.substr(offset, length)) << offset << "+" << length;
  }
  EXPECT_EQ(Range(*store, Key("k"), size + 1, std::nullopt), "<invalid_argument>");
  EXPECT_EQ(Range(*store, Key("k"), UINT64_MAX, 1), "<invalid_argument>");
}

void TellsWhatIsMissing(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  ASSERT_EQ(CodeOf(PutBytes(*store, Key("a/b"), "x")), "ok");
  for (const char* key : {"a", "b", "a/c", "a/b/c", "A/b", "no/such/folder"}) {
    EXPECT_EQ(ReadBack(*store, Key(key)), "<not_found>") << key;
    EXPECT_EQ(CodeOf(store->Stat(Key(key))), "not_found") << key;
  }
}

class FullSink : public BlobSink {
 public:
  Status WriteAt(uint64_t, ByteSpan) override { return Fail(ErrorCode::kResourceExhausted, "no room at the receiver"); }
};

void AnswersTheErrorOfTheSink(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  ASSERT_EQ(CodeOf(PutBytes(*store, Key("k"), Pattern(1000))), "ok");
  const auto got = GetOne(*store, {.key = Key("k"), .sink = std::make_shared<FullSink>()});
  ASSERT_EQ(CodeOf(got), "resource_exhausted");
  EXPECT_NE(got.error().message.find("no room"), std::string::npos);
}

void AGetTellsTheObject(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  ASSERT_EQ(CodeOf(PutBytes(*store, Key("k"), "hello")), "ok");
  const auto got =
      GetOne(*store, {.key = Key("k"), .offset = 1, .length = 2, .sink = std::make_shared<MemorySink>(10)});
  const auto stat = store->Stat(Key("k"));
  ASSERT_EQ(CodeOf(got), "ok");
  ASSERT_EQ(CodeOf(stat), "ok");
  EXPECT_EQ(got->key, "k");
  EXPECT_EQ(got->size, 5U) << "of the whole object";
  EXPECT_EQ(got->archive_state, ArchiveState::kReadable);
  EXPECT_EQ(stat->modified_at, got->modified_at);
  EXPECT_NE(stat->modified_at, Timestamp{});
}

constexpr BlobStoreCase kCases[] = {
    {"GetsRanges", GetsRanges},
    {"TellsWhatIsMissing", TellsWhatIsMissing},
    {"AnswersTheErrorOfTheSink", AnswersTheErrorOfTheSink},
    {"AGetTellsTheObject", AGetTellsTheObject},
};

}  // namespace

std::span<const BlobStoreCase> BlobReadCases() { return kCases; }

}  // namespace seshat::conformance
