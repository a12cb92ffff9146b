#include "composition/adapter_table.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace seshat::composition {
namespace {

using ::testing::HasSubstr;

Config ConfigWith(const std::string& setting, const std::string& text) {
  return LoadUsableConfig(
             {.flags = {{setting, text, "flag"}, {"state_dir", "/nowhere", "flag"}}, .working_directory = "/nowhere"})
      .value();
}

template <typename Adapter>
void ExpectWellFormed(std::string_view setting, std::span<const Adapter> adapters) {
  std::set<std::string_view> schemes;
  for (const Adapter& adapter : adapters) {
    EXPECT_TRUE(schemes.insert(adapter.scheme).second) << setting << " has " << adapter.scheme << " twice";
    EXPECT_NE(adapter.open, nullptr);
    EXPECT_THAT(std::string(FindSetting(setting)->help), HasSubstr(std::string(adapter.scheme) + "://"))
        << "the help of " << setting << " does not name it";
    const auto config = ConfigWith(std::string(setting), std::string(adapter.scheme) + ":///x");
    EXPECT_EQ(PlaceOf(config, setting), adapter.place);
  }
}

TEST(AdapterTable, EverySchemeIsUniqueFoundAndDocumented) {
  ExpectWellFormed("store.url", BlobStoreAdapters());
  ExpectWellFormed("bus.url", EventBusAdapters());
  ExpectWellFormed("metadata.url", MetadataStoreAdapters());
}

TEST(AdapterTable, AnUnknownSchemeIsAnsweredWithThoseThatThereAre) {
  const auto store = ChosenBlobStore(ConfigWith("store.url", "ftp://x"));
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(store.error().message, "store.url: there is no adapter for 'ftp://'; known here: file, s3");
  const auto bus = ChosenEventBus(ConfigWith("bus.url", "ftp://x"));
  EXPECT_EQ(bus.error().message, "bus.url: there is no adapter for 'ftp://'; known here: sqlite, sns-sqs");
  const auto index = ChosenMetadataStore(ConfigWith("metadata.url", "ftp://x"));
  EXPECT_EQ(index.error().message,
            "metadata.url: there is no adapter for 'ftp://'; known here: sqlite, opensearch+http, opensearch+https");
  EXPECT_EQ(PlaceOf(ConfigWith("store.url", "ftp://x"), "store.url"), std::nullopt);
}

}  // namespace
}  // namespace seshat::composition
