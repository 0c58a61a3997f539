-- CreateTable
CREATE TABLE "what_if_days" (
    "user_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "asked" INTEGER NOT NULL,

    CONSTRAINT "what_if_days_pkey" PRIMARY KEY ("user_id","day")
);

-- AddForeignKey
ALTER TABLE "what_if_days" ADD CONSTRAINT "what_if_days_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
