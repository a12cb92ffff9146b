#include "ports/blob_transfer.h"

#include <gtest/gtest.h>

#include <array>

#include "adapters/memory_blob_store/memory_blob_store.h"

namespace seshat {
namespace {

BlobKey Key(const char* text) { return BlobKey::Parse(text).value(); }

TEST(SourceFromBytes, ReadsAnyPartAndNothingBeyond) {
  const auto source = SourceFromBytes("0123456789");
  EXPECT_EQ(source->size(), 10U);
  std::array<std::byte, 4> four{};
  ASSERT_TRUE(source->ReadAt(6, four));
  EXPECT_EQ(AsText(four), "6789");
  for (const uint64_t offset : {uint64_t{7}, uint64_t{11}, UINT64_MAX}) {
    const auto beyond = source->ReadAt(offset, four);
    ASSERT_FALSE(beyond) << offset;
    EXPECT_EQ(beyond.error().code, ErrorCode::kSourceChanged);
  }
  EXPECT_TRUE(source->ReadAt(10, {}));
  EXPECT_TRUE(source->CheckUnchanged());
  EXPECT_EQ(SourceFromBytes("")->size(), 0U);
}

TEST(MemorySink, TakesPartsInAnyOrder) {
  MemorySink sink(10);
  ASSERT_TRUE(sink.WriteAt(5, AsBytes("56789")));
  ASSERT_TRUE(sink.WriteAt(0, AsBytes("01234")));
  ASSERT_TRUE(sink.WriteAt(3, AsBytes("xy")));
  ASSERT_TRUE(sink.WriteAt(10, {}));
  EXPECT_EQ(sink.Take(), "012xy56789");
  EXPECT_EQ(sink.Take(), "");
}

TEST(MemorySink, RefusesToGrowBeyondItsLimit) {
  MemorySink sink(4);
  for (const uint64_t offset : {uint64_t{1}, uint64_t{4}, uint64_t{5}, UINT64_MAX}) {
    const auto status = sink.WriteAt(offset, AsBytes("wide"));
    ASSERT_FALSE(status) << offset;
    EXPECT_EQ(status.error().code, ErrorCode::kResourceExhausted);
  }
  EXPECT_EQ(sink.Take(), "");
}

TEST(BlobTransfer, BytesComeBack) {
  const auto store = memory_blob_store::MakeMemoryBlobStore(std::make_shared<memory_blob_store::MemoryBlobs>());
  const auto put = PutBytes(*store, Key("a/b"), "content");
  ASSERT_TRUE(put) << put.error().ToString();
  EXPECT_EQ(put->size, 7U);
  EXPECT_EQ(put->sha256, Sha256::Of(AsBytes("content")));
  EXPECT_EQ(GetBytes(*store, Key("a/b"), 7).value(), "content");
  ASSERT_TRUE(PutBytes(*store, Key("empty"), ""));
  EXPECT_EQ(GetBytes(*store, Key("empty"), 0).value(), "");
}

TEST(BlobTransfer, ErrorsAreTheStores) {
  const auto store = memory_blob_store::MakeMemoryBlobStore(std::make_shared<memory_blob_store::MemoryBlobs>());
  EXPECT_EQ(GetBytes(*store, Key("none"), 10).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(PutBytes(*store, Key("a"), "content"));
  EXPECT_EQ(GetBytes(*store, Key("a"), 6).error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(
      PutOne(*store, {.key = Key("b"), .body = SourceFromBytes("x"), .sha256 = Sha256::Of(AsBytes("y"))}).error().code,
      ErrorCode::kDataLoss);
}

TEST(BlobTransfer, APartOfAnObject) {
  const auto store = memory_blob_store::MakeMemoryBlobStore(std::make_shared<memory_blob_store::MemoryBlobs>());
  ASSERT_TRUE(PutBytes(*store, Key("a"), "0123456789"));
  const auto sink = std::make_shared<MemorySink>(4);
  const auto info = GetOne(*store, {.key = Key("a"), .offset = 3, .length = 4, .sink = sink});
  ASSERT_TRUE(info) << info.error().ToString();
  EXPECT_EQ(info->size, 10U);
  EXPECT_EQ(sink->Take(), "3456");
}

}  // namespace
}  // namespace seshat
