#include "actors/providers/massive/stream_port.hpp"

namespace tradebus::massive {

namespace {

class VenueStream final : public StreamPort {
 public:
  explicit VenueStream(std::unique_ptr<MassiveStream> stream) : stream_{std::move(stream)} {}
  Result<void> subscribe(TopicRef ref, StreamKind kind, const Symbol& symbol) override {
    return stream_->subscribe(ref, kind, symbol);
  }
  void unsubscribe(TopicRef ref) override { stream_->unsubscribe(ref); }
  void tick(const OpenMarkets& open) override { stream_->tick(open); }
  std::vector<std::pair<std::string, std::int64_t>> counters() const override { return stream_->counters(); }

 private:
  std::unique_ptr<MassiveStream> stream_;
};

}  // namespace

Result<std::unique_ptr<StreamPort>> make_stream(NetThread& thread, StreamOptions options, StreamListener& listener) {
  auto made = MassiveStream::make(thread, std::move(options), listener);
  if (!made) return tl::unexpected{std::move(made.error())};
  return std::make_unique<VenueStream>(std::move(*made));
}

}  // namespace tradebus::massive
